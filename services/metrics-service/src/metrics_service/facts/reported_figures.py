"""Figures that others report: a MeasureReport that is posted here becomes facts in the same transaction."""

from __future__ import annotations

from typing import Final

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.facts.figures import faults_of_figures, figures_of, subject_of
from metrics_service.facts.fold import fold
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.organisations import COMMISSIONER, NATIONAL_BODY, reference_code
from tandem.identity.reference_rights import kind_of_caller
from tandem.identity.references import resolve
from tandem.service import Change, Work

_FOR_OTHERS: Final = (COMMISSIONER, NATIONAL_BODY)


async def keep_reported_figures(change: Change, work: Work) -> None:
    """Raises FhirError 403 for figures of others, which only a commissioner or a national body may report, and 422 for
    numbers that cannot be counted."""
    author, now = change.caller.organisation, to_micros(change.now)
    facts: tuple[Fact, ...] = ()
    if change.after is not None:
        await _may_report(change, change.after, work.connection)
        if faults := list(faults_of_figures(change.after)):
            raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(text, where, "value") for where, text in faults])
        facts = tuple(figures_of(change.after, author))
    told = Told(f"MeasureReport/{change.id}", now, change.now, None, facts, deleted=change.after is None)
    await fold(work.connection, [told])


async def _may_report(change: Change, report: Resource, connection: Connection) -> None:
    caller = change.caller
    if caller.sees_all or report.get("type") != "summary":
        return
    named = {code for code in (subject_of(report), reference_code(report.get("reporter"))) if code is not None}
    others = {code for code in (await resolve(connection, named)).values() if code != caller.organisation}
    if others and await kind_of_caller(connection, caller.organisation) not in _FOR_OTHERS:
        text = "An organisation reports its own figures; a commissioner or a national body those of others too"
        raise FhirError(Kind.FORBIDDEN, text, expression="MeasureReport.reporter")
