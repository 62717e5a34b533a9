"""A FHIR request and its answer, free of any web framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind, Outcome
from tandem.identity.caller import Caller

if TYPE_CHECKING:
    from tandem.fhir.jobs import JobRun

JSON = "application/fhir+json"
JSON_TYPES = {"application/fhir+json", "application/json", "text/json", ""}


@dataclass(slots=True)
class FhirRequest:
    """One interaction as asked for. `path` is below the FHIR base, without a leading slash: `Task/1/_history`.

    `headers` have lower-case names; `caller` is filled in once the token is verified. `practice` is the registered
    practice named at load for people whose record names none; `loading` marks a write of `$ingest`;
    `job` is the running job of an operation that was asked for asynchronously.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    base: str
    request_id: str
    correlation_id: str
    caller: Caller = field(default_factory=lambda: Caller(organisation=""))
    practice: str | None = None
    loading: bool = False
    job: JobRun | None = None

    def parameters(self) -> list[tuple[str, str]]:
        """The query as decoded pairs, in order. Raises FhirError(BAD_REQUEST) for text that is not UTF-8."""
        return parse_pairs(self.query)

    def prefers(self, word: str) -> bool:
        """Whether the Prefer header holds this preference, e.g. `return=minimal` or `respond-async`."""
        return word in (part.strip() for part in self.headers.get("prefer", "").replace(";", ",").split(","))


@dataclass(slots=True)
class FhirResponse:
    """Status, body bytes and headers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON


def parse_pairs(query: str) -> list[tuple[str, str]]:
    """Decode a query string or form body. Raises FhirError(BAD_REQUEST) for what is no text."""
    if "%00" in query or "\x00" in query:
        # No database of ours can hold it, so nothing can match.
        raise FhirError(Kind.BAD_REQUEST, "The query holds a null character")
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, "The query is not valid UTF-8 or has more than 200 parameters") from None


def decoded_path(path: str) -> str:
    """Percent-decode the segments of a path. A slash that was encoded stays encoded: it parts no segments."""
    return "/".join(unquote(part).replace("/", "%2F") for part in path.split("/"))


def check_media_types(request: FhirRequest) -> None:
    """Only JSON comes in, and goes out unless an operation has more. Raises FhirError 415 and 406."""
    if request.method in ("POST", "PUT", "PATCH") and request.body:
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise FhirError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send the body without a Content-Encoding")
        sent = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        allowed = sent in JSON_TYPES
        if request.method == "PATCH":
            allowed = sent in ("application/json-patch+json", *JSON_TYPES)
        if request.method == "POST" and request.path.endswith("_search"):
            allowed = sent in ("application/x-www-form-urlencoded", "")
        if request.path.endswith("$ingest"):
            allowed = allowed or sent in ("application/fhir+ndjson", "application/ndjson", "application/x-ndjson")
        if not allowed:
            wanted = "application/json-patch+json" if request.method == "PATCH" else "application/fhir+json"
            raise FhirError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send {wanted}")
    if not request.path.rpartition("/")[2].startswith("$"):
        # What an operation can return, it declares itself.
        check_json_wanted(request)


def check_json_wanted(request: FhirRequest) -> None:
    """Raises FhirError 406 for a request that wants something else than JSON."""
    if "_format=" in request.query:
        formats = [value for name, value in request.parameters() if name == "_format"]
        for value in formats:
            # A plus sign that was not encoded reads as a space.
            if value != "json" and value.split(";", 1)[0].strip().replace(" ", "+") not in JSON_TYPES:
                raise FhirError(Kind.NOT_ACCEPTABLE, "Only _format=json can be returned")
        if formats:
            return  # it goes before the Accept header
    accept = request.headers.get("accept", "")
    if accept and not any(_acceptable(part) for part in accept.split(",")):
        raise FhirError(Kind.NOT_ACCEPTABLE, "Only application/fhir+json can be returned")


def _acceptable(part: str) -> bool:
    name = part.split(";", 1)[0].strip().lower()
    return name in (
        "*/*",
        "application/*",
        "application/fhir+json",
        "application/json",
        "text/json",
        "application/fhir+ndjson",
    )


def refusal(error: FhirError) -> FhirResponse:
    """The answer to a request that is refused."""
    return FhirResponse(error.kind.status, encode(Outcome(error.kind, error.issues).resource()), dict(error.headers))
