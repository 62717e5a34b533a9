"""Figures that somebody else supplies, as MeasureReports (http://hl7.org/fhir/R4/measurereport.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day, last_day
from tandem.fhir.body import Resource
from tandem.identity.organisations import identifier_code, reference_code


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


def _values(report: Resource) -> Iterator[tuple[str | None, float]]:
    for group in report.get("group") or ():
        for population in group.get("population") or ():
            if population.get("count") is not None:
                yield _code(population), float(population["count"])
        score = (group.get("measureScore") or {}).get("value")
        if score is not None:
            yield _code(group) or "measure-score", float(score)


def _code(element: dict[str, Any]) -> str | None:
    codings = (element.get("code") or {}).get("coding") or ()
    return next((str(each["code"]) for each in codings if each.get("code")), None)
