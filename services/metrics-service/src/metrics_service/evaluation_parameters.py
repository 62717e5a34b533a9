"""The parameters of `$evaluate-measure`: http://hl7.org/fhir/R4/measure-operation-evaluate-measure.html."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from metrics_service.domain.london_days import Day, first_day, last_day
from tandem.fhir.outcome import FhirError, Issue, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ORGANISATION = ("organisation", "subject", "reporter")
_KNOWN = ("periodStart", "periodEnd", *_ORGANISATION, "reportType")
_SUMMARIES = ("summary", "population")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
# A measure looks back from its period: the first years of a calendar have nothing before them.
_EARLIEST = date(1900, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, both days included, and whose figures: a parameter's name and value, or None for the caller's own."""

    first: Day
    last: Day
    organisation: tuple[str, Any] | None


def asked(call: OperationCall) -> Asked:
    """What is asked for. Raises FhirError 400 that names every parameter at fault."""
    unknown = [name for name in call.parameters if name not in _KNOWN]
    if unknown:
        text = f"is no parameter of $evaluate-measure; there are {', '.join(_KNOWN)}"
        issues = [Issue(f"{name[:64]} {text}", name[:64]) for name in unknown]
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, issues=issues)
    report_type = call.one("reportType")
    if report_type not in (None, *_SUMMARIES):
        text = "Only the reportType summary (or population) is offered; lists of subjects are not"
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, text, expression="reportType")
    first, last = period(call)
    given = [name for name in _ORGANISATION if name in call.parameters]
    if len(given) > 1:
        text = f"{' and '.join(given)} mean the same here: give one of them"
        raise FhirError(Kind.BAD_REQUEST, issues=[Issue(text, name) for name in given])
    return Asked(first, last, (given[0], call.one(given[0])) if given else None)


def period(call: OperationCall) -> tuple[Day, Day]:
    """First and last day asked for. Raises FhirError 400 naming the parameters at fault."""
    days: list[Day] = []
    issues: list[Issue] = []
    for name, read in (("periodStart", first_day), ("periodEnd", last_day)):
        value = call.one(name)
        if value is None:
            issues.append(Issue(f"{name} is needed: a date such as 2020-07-01", name, "required"))
            continue
        day = _day(value, read)
        if day is None:
            issues.append(Issue(f"{name} is a date such as 2020-07-01, from 1900 on", name, "value"))
        else:
            days.append(day)
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues)
    first, last = days
    if last < first:
        raise FhirError(Kind.BAD_REQUEST, "periodEnd must not lie before periodStart", expression="periodEnd")
    return first, last


def _day(value: Any, read: Any) -> Day | None:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        return None
    try:
        day: Day = read(value)
    except ValueError:
        return None
    return day if day >= _EARLIEST else None
