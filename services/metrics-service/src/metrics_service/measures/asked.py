"""The parameters of `$evaluate-measure`: http://hl7.org/fhir/R4/measure-operation-evaluate-measure.html.

Besides those of FHIR: `organisation`, `home` and `provider` (codes) narrow whose figures they are, `known` asks for the
figures as they were known at a moment; `parameter` (`name=number`), `targetMinimum` and `targetMaximum` for what
another threshold or target would have meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from metrics_service.asked_organisations import ORGANISATION_PARAMETERS, organisation_given
from metrics_service.domain.london_days import Day
from metrics_service.domain.measures.definition import Target
from metrics_service.domain.measures.span import Span
from metrics_service.evaluation_parameters import period
from metrics_service.measures.narrowed import Narrowed
from metrics_service.measures.tried_numbers import FARTHEST, finite, tried_numbers
from tandem.clock import to_micros
from tandem.fhir.operation_parameters import moment_or_now, only, optional_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import organisation_code
from tandem.nhs.financial_year import year_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LEAST, _MOST = "targetMinimum", "targetMaximum"
_KNOWN: Final = frozenset(
    ("periodStart", "periodEnd", *ORGANISATION_PARAMETERS, "reportType", "home", "provider", "known", "parameter",
     _LEAST, _MOST)
)  # fmt: skip
ReportType = Literal["summary", "individual", "subject-list"]
_TYPES: Final[dict[str | None, ReportType]] = {
    None: "summary", "summary": "summary", "population": "summary", "individual": "individual",
    "subject": "individual", "subject-list": "subject-list", "patient-list": "subject-list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedMeasure:
    """`organisation` is a parameter's name and value; None is the caller's own."""

    span: Span
    report_type: ReportType
    organisation: tuple[str, Any] | None
    narrowed: Narrowed
    parameters: dict[str, float]
    target: Target | None

    @property
    def what_if(self) -> dict[str, float]:
        """All that is not as the definition has it, by name."""
        ends = {_LEAST: self.target.minimum, _MOST: self.target.maximum} if self.target is not None else {}
        return self.parameters | {name: end for name, end in ends.items() if end is not None}


def asked_measure(call: OperationCall) -> AskedMeasure:
    """What is asked for. Raises FhirError 400 that names the parameters at fault, 422 for a period in the future."""
    only(call, _KNOWN)
    first, last = period(call)
    kind = optional_text(call, "reportType")
    if kind not in _TYPES:
        text = f"reportType is one of {', '.join(sorted(name for name in _TYPES if name))}"
        raise FhirError(Kind.BAD_REQUEST, text, expression="reportType")
    patient = _patient(call)
    organisation = organisation_given(call, person=patient is not None)
    report_type: ReportType = "individual" if patient and kind is None else _TYPES[kind]
    if (report_type == "individual") != (patient is not None):
        text = "An individual report is about one person: subject is a reference such as Patient/1"
        raise FhirError(Kind.BAD_REQUEST, text, expression="subject")
    known = to_micros(moment_or_now(call, "known")) if "known" in call.parameters else None
    narrowed = Narrowed(_code(call, "home"), _code(call, "provider"), patient)
    return AskedMeasure(
        Span(first, last, known), report_type, organisation, narrowed,
        tried_numbers(call, "parameter", "age=75"), _target(call, last),
    )  # fmt: skip


def _patient(call: OperationCall) -> str | None:
    value = call.one("subject")
    text = value.get("reference") if isinstance(value, dict) else value
    return text.removeprefix("Patient/") if isinstance(text, str) and text.startswith("Patient/") else None


def _code(call: OperationCall, name: str) -> str | None:
    text = optional_text(call, name)
    if text is None:
        return None
    try:
        return organisation_code(text)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is an ODS code, or system|value", expression=name) from None


def _target(call: OperationCall, last: Day) -> Target | None:
    least, most = _number(call, _LEAST), _number(call, _MOST)
    if least is None and most is None:
        return None
    if least is not None and most is not None and most < least:
        raise FhirError(Kind.BAD_REQUEST, f"{_MOST} must not be less than {_LEAST}", expression=_MOST)
    return Target(year_of(date.fromordinal(last)), least, most, "Tried: not the target of the measure")


def _number(call: OperationCall, name: str) -> float | None:
    text = call.one(name)
    if text is None:
        return None
    number = finite(text)
    if number is None:
        wanted = f"{name} is a number in the unit of the measure, of {FARTHEST:,} at most"
        raise FhirError(Kind.BAD_REQUEST, wanted, expression=name)
    return number
