"""What was sent, taken apart into single resources, each with the place where it stood.

A Bundle, an array of Bundles or resources, a single resource, or NDJSON with any of these on a line. What cannot be
read is an entry too: one that is refused with its place and the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tandem.fhir.body import Resource, parse
from tandem.fhir.outcome import FhirError, Issue

Place = dict[str, int]
"""Where an entry stood: `line` counts from 1, `item` (of an array) and `entry` (of a Bundle) from 0."""
_BUNDLE_TYPES = ("transaction", "batch", "collection", "searchset")
_WRITES = (None, "POST", "PUT")
_SNIFFED_LINES = 20


@dataclass(slots=True)
class Entry:
    """One resource of a load. `group` tells the entries of one Bundle; `issues` says why it is refused.

    `settled`: a conditional create that found what it would have created, so there is nothing to send.
    `linked` is False when its text can hold neither a `urn:` name nor a conditional reference.
    """

    place: Place
    group: int
    resource: Resource
    full_url: str | None = None
    url: str | None = None
    if_none_exist: str | None = None
    settled: bool = False
    linked: bool = True
    issues: list[Issue] = field(default_factory=list)

    @property
    def type(self) -> str:
        return str(self.resource.get("resourceType", "unreadable"))

    @property
    def id(self) -> str | None:
        value = self.resource.get("id")
        return value if isinstance(value, str) else None


def read_entries(body: bytes, lines: bool) -> list[Entry]:
    """The entries of a body; `lines` when it is known to be NDJSON."""
    if not (lines or _looks_like_lines(body)):
        return list(_document(body, {}, [0]))
    group = [0]
    found: list[Entry] = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            found += _document(line, {"line": number}, group)
    return found


def _looks_like_lines(body: bytes) -> bool:
    lines = [line for line in body.split(b"\n", 2 * _SNIFFED_LINES)[:_SNIFFED_LINES] if line.strip()]
    return len(lines) > 1 and any(_is_object(line) for line in lines)


def _is_object(line: bytes) -> bool:
    try:
        return line.lstrip()[:1] == b"{" and isinstance(parse(line), dict)
    except FhirError:
        return False


def _document(raw: bytes, place: Place, group: list[int]) -> Iterator[Entry]:
    try:
        value = parse(raw.removeprefix(b"\xef\xbb\xbf"))
    except FhirError as error:
        yield _refused(place, *error.issues)
        return
    # An escape could stand for any character.
    linked = b"urn:" in raw or b"?" in raw or b"\\u" in raw
    if isinstance(value, list):
        for item, one in enumerate(value):
            yield from _resource(one, {**place, "item": item}, group, linked)
    else:
        yield from _resource(value, place, group, linked)


def _resource(value: Any, place: Place, group: list[int], linked: bool) -> Iterator[Entry]:
    group[0] += 1
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        yield _refused(place, Issue("This is no FHIR resource: it has no resourceType", "resourceType", "required"))
    elif value["resourceType"] != "Bundle":
        yield Entry(place, group[0], value, linked=linked)
    elif value.get("type") not in _BUNDLE_TYPES:
        known = ", ".join(_BUNDLE_TYPES)
        issue = Issue(f"Only Bundles of type {known} are taken", "Bundle.type", "not-supported")
        yield _refused(place, issue, kind="Bundle")
    elif not isinstance(value.get("entry", []), list):
        yield _refused(place, Issue("entry must be an array", "Bundle.entry", "structure"), kind="Bundle")
    else:
        for number, entry in enumerate(value.get("entry", [])):
            yield _bundle_entry(entry, {**place, "entry": number}, group[0])


def _bundle_entry(entry: Any, place: Place, group: int) -> Entry:
    if not isinstance(entry, dict):
        return _refused(place, Issue("An entry is an object", code="structure"))
    request = entry.get("request") if isinstance(entry.get("request"), dict) else {}
    assert isinstance(request, dict)
    resource = entry.get("resource")
    method = request.get("method")
    if method not in _WRITES:
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        kind = kind or str(request.get("url", "")).lstrip("/").partition("/")[0].partition("?")[0]
        text = f"An entry with request.method {str(method)[:16]} is not loaded: $ingest creates and updates only"
        issue = Issue(text, "Bundle.entry.request.method", "not-supported")
        return _refused(place, issue, kind=str(kind or "") or None)
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return _refused(place, Issue("The entry has no resource", "Bundle.entry.resource", "required"))
    return Entry(
        place, group, resource, _text(entry.get("fullUrl")), _text(request.get("url")) if method == "PUT" else None,
        _text(request.get("ifNoneExist")) if method == "POST" else None,
    )  # fmt: skip


def _refused(place: Place, *issues: Issue, kind: str | None = None) -> Entry:
    return Entry(place, 0, {"resourceType": kind} if kind else {}, issues=list(issues))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
