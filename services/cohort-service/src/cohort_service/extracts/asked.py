"""What is asked of `Group/$extract`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cohort_service.domain.extracts.small_numbers import LEAST_SMALLEST_GROUP, SMALLEST_GROUP
from cohort_service.runs.run_request import boolean_parameter, code_parameter, text_parameter
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

Format = Literal["ndjson", "csv"]
CONTENT_TYPE: dict[str, str] = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_KNOWN = {"practice", "network", "recipient", "format", "smallestGroup", "newKey"}
_LARGEST = 1000


@dataclass(frozen=True, slots=True)
class ExtractRequest:
    """The parameters of an extract; `recipient` is the code of the organisation that it is for."""

    practice: str | None
    network: str | None
    recipient: str
    format: Format
    smallest: int
    new_key: bool


def extract_request(call: OperationCall) -> ExtractRequest:
    """The request. Raises FhirError 400 for what is unknown or cannot be read."""
    if set(call.parameters) - _KNOWN:
        allowed = ", ".join(sorted(_KNOWN))
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, f"There is no such parameter; allowed are {allowed}")
    return ExtractRequest(
        practice=code_parameter(call, "practice"), network=code_parameter(call, "network"),
        recipient=code_parameter(call, "recipient") or call.request.caller.organisation, format=_format(call),
        smallest=_smallest(call), new_key=boolean_parameter(call, "newKey"),
    )  # fmt: skip


def _format(call: OperationCall) -> Format:
    match text_parameter(call, "format"):
        case None | "ndjson":
            return "ndjson"
        case "csv":
            return "csv"
    raise FhirError(Kind.BAD_REQUEST, "format is ndjson or csv")


def _smallest(call: OperationCall) -> int:
    value = call.one("smallestGroup")
    if value is None:
        return SMALLEST_GROUP
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and LEAST_SMALLEST_GROUP <= int(text) <= _LARGEST):
        raise FhirError(
            Kind.BAD_REQUEST, f"smallestGroup is a whole number from {LEAST_SMALLEST_GROUP} to {_LARGEST}"
        )
    return int(text)
