"""What `Group/$identify` was asked for, read and checked before anything is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from tandem.fhir.operation_parameters import flag, only, optional_day, short_text, texts
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind

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
    only(call, _KNOWN)
    asked = RunRequest(
        practice=code_parameter(call, "practice"), network=code_parameter(call, "network"),
        service=short_text(call, "service"), cohorts=tuple(sorted({*texts(call, "cohort")})),
        as_of=optional_day(call, "asOf"), dry_run=flag(call, "dryRun"),
        parameters=_tried(call), tool=short_text(call, "tool"), tool_version=short_text(call, "toolVersion"),
    )  # fmt: skip
    if asked.parameters and not asked.dry_run:
        raise FhirError(
            Kind.UNPROCESSABLE,
            "A threshold can be tried in a dry run only; install a version to adopt it",
            expression="parameter",
        )
    if (asked.tool is None) != (asked.tool_version is None):
        raise FhirError(Kind.BAD_REQUEST, "Give tool and toolVersion together", expression="tool")
    return asked


def _tried(call: OperationCall) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts(call, "parameter"):
        match = _PARAMETER.fullmatch(text)
        if match is None or match[1] in found:
            raise FhirError(
                Kind.BAD_REQUEST, "parameter is cohort.parameter=whole number, each once", expression="parameter"
            )
        found[match[1]] = int(match[2])
    return found
