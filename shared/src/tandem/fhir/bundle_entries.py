"""The entries of a batch or transaction Bundle, read and checked for shape (http://hl7.org/fhir/R4/bundle.html)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import decoded_path

MAX_ENTRIES = 5000
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


@dataclass(slots=True)
class BundleEntry:
    """One entry. `path` and `query` are of request.url, below the base; `number` counts from 0."""

    number: int
    method: str
    path: str
    query: str
    full_url: str | None
    resource: Resource | None
    if_match: str | None
    if_none_match: str | None
    if_none_exist: str | None

    @property
    def type(self) -> str:
        """The FHIR type the entry is about; empty for the system level."""
        return self.path.split("/", 1)[0]

    @property
    def id(self) -> str | None:
        """The id in the address, if any."""
        segments = self.path.split("/")
        return segments[1] if len(segments) > 1 and not segments[1].startswith(("_", "$")) else None


def bundle_entries(bundle: Resource, base: str) -> list[BundleEntry]:
    """The entries. Raises FhirError 400/422 naming every entry without a request, or with one that cannot be meant."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise FhirError(Kind.BAD_REQUEST, "entry must be an array", expression="Bundle.entry")
    if len(entries) > MAX_ENTRIES:
        raise FhirError(Kind.TOO_COSTLY, f"A Bundle may hold up to {MAX_ENTRIES} entries; use $ingest for more")
    read, issues = [], []
    for number, entry in enumerate(entries):
        fault = _fault(entry)
        if fault is not None:
            issues.append(Issue(fault[0], f"Bundle.entry[{number}]{fault[1]}", "required"))
            continue
        read.append(_entry(number, entry, base))
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues[:100])
    return read


def _fault(entry: Any) -> tuple[str, str] | None:
    if not isinstance(entry, dict):
        return "An entry is an object", ""
    request = entry.get("request")
    if not isinstance(request, dict):
        return "The entry has no request", ".request"
    method = request.get("method")
    if not isinstance(method, str) or method not in _METHODS:
        return "request.method must be GET, HEAD, POST, PUT, PATCH or DELETE", ".request.method"
    if not isinstance(request.get("url"), str):
        return "request.url is missing", ".request.url"
    for name in ("ifMatch", "ifNoneMatch", "ifNoneExist"):
        if not isinstance(request.get(name, ""), str):
            return f"request.{name} must be text", f".request.{name}"
    if not isinstance(entry.get("fullUrl", ""), str):
        return "fullUrl must be text", ".fullUrl"
    resource = entry.get("resource")
    named = isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)
    if method in ("POST", "PUT", "PATCH") and not named:
        return "The entry has no resource", ".resource"
    return None


def _entry(number: int, entry: dict[str, Any], base: str) -> BundleEntry:
    request = entry["request"]
    url = request["url"].removeprefix(base).lstrip("/")
    path, _, query = url.partition("?")
    return BundleEntry(
        number, request["method"], decoded_path(path).strip("/"), query, entry.get("fullUrl"), entry.get("resource"),
        request.get("ifMatch"), request.get("ifNoneMatch"), request.get("ifNoneExist"),
    )  # fmt: skip
