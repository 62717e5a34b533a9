"""What is asked of `Group/$extract`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from cohort_service.domain.extracts.small_numbers import LEAST_SMALLEST_GROUP, SMALLEST_GROUP
from tandem.fhir.operation_parameters import flag, one_of, only, whole_number
from tandem.fhir.organisation_parameter import code_parameter
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
    only(call, _KNOWN)
    return ExtractRequest(
        practice=code_parameter(call, "practice"), network=code_parameter(call, "network"),
        recipient=code_parameter(call, "recipient") or call.request.caller.organisation, format=_format(call),
        smallest=_smallest(call), new_key=flag(call, "newKey"),
    )  # fmt: skip


def _format(call: OperationCall) -> Format:
    return cast(Format, one_of(call, "format", tuple(CONTENT_TYPE), "ndjson"))


def _smallest(call: OperationCall) -> int:
    smallest = whole_number(call, "smallestGroup", SMALLEST_GROUP)
    if not LEAST_SMALLEST_GROUP <= smallest <= _LARGEST:
        text = f"smallestGroup is a whole number from {LEAST_SMALLEST_GROUP} to {_LARGEST}"
        raise FhirError(Kind.BAD_REQUEST, text, expression="smallestGroup")
    return smallest
