"""What changed in a resource since the version that a writer holds: said with the 412 of a stale write.

For the types that several organisations write at once. Each changed element is named by its FHIRPath, with the
organisation that changed it and when; no value is repeated. A resource that names a version is compared with the one
that is current (http://hl7.org/fhir/R4/http.html#concurrency).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tandem.clock import from_micros, to_instant
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.etag import check_if_match, version_asked
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest
from tandem.fhir.store import Stored

MOST_VERSIONS = 50
"""So many of the newest versions are looked through for who changed what."""
_STAMPED = frozenset(("resourceType", "id", "meta", "text"))


@dataclass(frozen=True, slots=True)
class Version:
    """One version: `at` in microseconds, `author` the code of the organisation that wrote it."""

    number: int
    at: int
    author: str
    body: Resource


async def check_version(kernel: Kernel, connection: Connection, request: FhirRequest, held: Stored | None) -> None:
    """As `check_if_match`; for a type with versioned updates the 412 lists what changed since.

    `held` is what the caller may see of the resource now. Raises FhirError 412, and 400 for an unreadable header.
    """
    try:
        check_if_match(request, held)
    except FhirError as stale:
        declared = kernel.types.get(held.type) if held is not None else None
        told = declared is not None and declared.versioned_update and stale.kind is Kind.PRECONDITION_FAILED
        if not told or held is None or held.deleted:
            raise
        versions = await _versions(connection, held, version_asked(request))
        raise FhirError(stale.kind, issues=[*stale.issues, *changes(versions)]) from None


def changes(versions: Sequence[Version]) -> Iterator[Issue]:
    """An issue for each element that differs between the first of these versions and the last, oldest first."""
    if len(versions) < 2:
        return
    before, after = versions[0].body, versions[-1].body
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if name in _STAMPED or encode(old) == encode(new):
            continue
        if isinstance(new, list) or isinstance(old, list):
            yield from _changed_entries(versions, name, _entries(before, name), _entries(after, name))
        else:
            what = "was removed" if new is None else "was added" if old is None else "was changed"
            yield _issue(after, name, what, _last_of_element(versions, name))


def _changed_entries(versions: Sequence[Version], name: str, old: list[bytes], new: list[bytes]) -> Iterator[Issue]:
    after = versions[-1].body
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(last - first, end - start)
        for place in range(start, end):
            what = "was changed" if place < start + paired else "was added"
            yield _issue(after, f"{name}[{place}]", what, _last_of_entry(versions, name, new[place]))
        for place in range(first + paired, last):
            by = _last_of_entry(versions, name, old[place])
            yield _issue(after, name, "has lost an entry that was there", by)


def _last_of_element(versions: Sequence[Version], name: str) -> Version | None:
    return _last(versions, lambda body: encode(body.get(name)))


def _last_of_entry(versions: Sequence[Version], name: str, entry: bytes) -> Version | None:
    """The newest version with more or fewer of such entries than the one before; for one that was moved, the newest
    with another list."""
    counted = _last(versions, lambda body: _entries(body, name).count(entry))
    return counted or _last(versions, lambda body: _entries(body, name))


def _last(versions: Sequence[Version], look: Callable[[Resource], object]) -> Version | None:
    """The newest version in which what `look` sees is another than in the version before."""
    for place in range(len(versions) - 1, 0, -1):
        if look(versions[place].body) != look(versions[place - 1].body):
            return versions[place]
    return None


def _entries(body: Resource, name: str) -> list[bytes]:
    value = body.get(name)
    return [encode(each) for each in value] if isinstance(value, list) else []


def _issue(resource: Resource, path: str, what: str, by: Version | None) -> Issue:
    expression = f"{resource['resourceType']}.{path}"
    who = f" by {by.author} at {to_instant(from_micros(by.at))}, version {by.number}" if by is not None else ""
    return Issue(f"{expression} {what}{who}", expression, severity="information")


async def _versions(connection: Connection, held: Stored, known: int) -> list[Version]:
    """The version that the writer holds and those after it, the newest MOST_VERSIONS of them."""
    rows = await connection.fetch(
        "SELECT version, at, author, patient, body FROM log WHERE type = $1 AND resource_id = $2 AND version <= $3"
        " AND (version = $4 OR version > $5) ORDER BY version",
        held.type, held.id, held.version, known, max(known, held.version - MOST_VERSIONS),
    )  # fmt: skip
    # A version may be about somebody else, when a wrong person was put right: nothing is said of that one.
    return [
        Version(row["version"], row["at"], row["author"] or "", decode(row["body"]))
        for row in rows if row["body"] is not None and row["patient"] == held.patient
    ]  # fmt: skip
