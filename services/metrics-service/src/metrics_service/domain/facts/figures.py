"""Figures that somebody else supplies, as MeasureReports (http://hl7.org/fhir/R4/measurereport.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day, last_day
from tandem.fhir.body import Resource
from tandem.identity.organisations import identifier_code, reference_code
from tandem.record_facts.numbers import LARGEST, number_given


def figures_of(report: Resource, author: str) -> Iterable[Fact]:
    """Figures of a posted summary: `category` the measure, `detail` the population, `organisation` whose it is.

    `place` is who reports it, which names the source (003 §3 system b4); `author` is the code of who posted it. The
    score of a group is `measure-score`. A report about one person, and one that is not complete, is no figure.
    """
    first, measure = given_day((report.get("period") or {}).get("start")), report.get("measure")
    if report.get("type") != "summary" or report.get("status") != "complete" or first is None or not measure:
        return
    reporter = reference_code(report.get("reporter"))
    whose = subject_of(report) or reporter or author
    named = str(measure).partition("|")[0].rpartition("/")[2]
    end = (report.get("period") or {}).get("end")
    last = last_day(str(end)) + 1 if given_day(end) is not None else None
    for detail, value in _values(report):
        yield Fact(
            "figure", first, last=last, category=named, detail=detail, value=value, organisation=whose,
            place=reporter or author, group=f"MeasureReport/{report.get('id')}",
        )  # fmt: skip


def subject_of(report: Resource) -> str | None:
    """The code of the organisation that a report is about: of a Location, because R4 has no Organization there."""
    return identifier_code((report.get("subject") or {}).get("identifier") or {})


def faults_of_figures(report: Resource) -> Iterator[tuple[str, str]]:
    """Where a number stands that no measure can count, and why: a count below nought, a score of 10^15 and more."""
    for place, group in enumerate(report.get("group") or ()):
        here = f"MeasureReport.group[{place}]"
        for number, population in enumerate(group.get("population") or ()):
            if population.get("count", 0) < 0:
                yield f"{here}.population[{number}].count", "A population has nought or more: its count is not below"
        score = (group.get("measureScore") or {}).get("value")
        if score is not None and number_given(score) is None:
            yield f"{here}.measureScore.value", f"A score is less than {LARGEST:,} above or below nought"


def _values(report: Resource) -> Iterator[tuple[str | None, float | None]]:
    for group in report.get("group") or ():
        for population in group.get("population") or ():
            if population.get("count") is not None:
                yield _code(population), float(population["count"])
        score = (group.get("measureScore") or {}).get("value")
        if score is not None:
            yield _code(group) or "measure-score", number_given(score)


def _code(element: dict[str, Any]) -> str | None:
    codings = (element.get("code") or {}).get("coding") or ()
    return next((str(each["code"]) for each in codings if each.get("code")), None)
