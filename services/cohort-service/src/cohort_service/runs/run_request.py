"""What `Group/$identify` was asked for, read and checked before anything is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import organisation_code

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_KNOWN = frozenset(
    ("practice", "network", "service", "cohort", "asOf", "dryRun", "parameter", "tool", "toolVersion")
)  # fmt: skip
_PARAMETER = re.compile(r"([a-z0-9-]+\.[a-z0-9_-]+)=(-?\d{1,9})")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run as asked for. `as_of` None is today; `parameters` maps `cohort.parameter` to the value to try."""

    practice: str | None = None
    network: str | None = None
    service: str | None = None
    cohorts: tuple[str, ...] = ()
    as_of: date | None = None
    dry_run: bool = False
    parameters: dict[str, int] = field(default_factory=dict)
    tool: str | None = None
    tool_version: str | None = None


def run_request(call: OperationCall) -> RunRequest:
    """The request. Raises FhirError 400 for what cannot be read, and 422 for a threshold on a run that is no trial."""
    unknown = sorted(set(call.parameters) - _KNOWN)
    if unknown:
        allowed = ", ".join(sorted(_KNOWN))
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, f"There is no such parameter; allowed are {allowed}")
    asked = RunRequest(
        practice=code_parameter(call, "practice"), network=code_parameter(call, "network"),
        service=text_parameter(call, "service"), cohorts=tuple(sorted({*texts_parameter(call, "cohort")})),
        as_of=date_parameter(call, "asOf"), dry_run=boolean_parameter(call, "dryRun"),
        parameters=_tried(call), tool=text_parameter(call, "tool"), tool_version=text_parameter(call, "toolVersion"),
    )  # fmt: skip
    if asked.parameters and not asked.dry_run:
        raise FhirError(Kind.UNPROCESSABLE, "A threshold can be tried in a dry run only; install a version to adopt it")
    if (asked.tool is None) != (asked.tool_version is None):
        raise FhirError(Kind.BAD_REQUEST, "Give tool and toolVersion together")
    return asked


def text_parameter(call: OperationCall, name: str) -> str | None:
    """The only value as text, or None. Raises FhirError 400 for an empty one, or for anything else."""
    value = call.one(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a short text")
    return value.strip()


def code_parameter(call: OperationCall, name: str) -> str | None:
    """The code of an organisation, or None. Raises FhirError 400."""
    text = text_parameter(call, name)
    if text is None:
        return None
    try:
        return organisation_code(text)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is the ODS code of an organisation") from None


def date_parameter(call: OperationCall, name: str) -> date | None:
    """A whole date `2020-07-01`, or None. Raises FhirError 400."""
    text = text_parameter(call, name)
    if text is None:
        return None
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a date such as 2020-07-01") from None


def boolean_parameter(call: OperationCall, name: str) -> bool:
    """`true` or `false`; false when it is not given. Raises FhirError 400."""
    value = call.one(name)
    if value in (None, False, "false"):
        return False
    if value in (True, "true"):
        return True
    raise FhirError(Kind.BAD_REQUEST, f"{name} is true or false")


def texts_parameter(call: OperationCall, name: str) -> list[str]:
    """Every value as text. Raises FhirError 400 for an empty one, or for anything else."""
    values = call.parameters.get(name, [])
    if any(not isinstance(value, str) or not value.strip() for value in values):
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a short text")
    return [value.strip() for value in values]


def _tried(call: OperationCall) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts_parameter(call, "parameter"):
        match = _PARAMETER.fullmatch(text)
        if match is None or match[1] in found:
            raise FhirError(Kind.BAD_REQUEST, "parameter is cohort.parameter=whole number, each once")
        found[match[1]] = int(match[2])
    return found
