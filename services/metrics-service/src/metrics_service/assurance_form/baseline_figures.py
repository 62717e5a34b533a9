"""The figures of the baseline that records of other services give, as of its day (003 appendix 2 q3)."""

from __future__ import annotations

from datetime import date
from typing import Final

from metrics_service.domain.assurance_form.form import Baseline
from metrics_service.domain.measures.span import Span
from metrics_service.measures.area import area_of
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.database.connection import Connection
from tandem.identity.organisations import PRACTICE

MEASURES: Final = {
    "peopleWithGuidancePlan": "register-plans-that-fit-the-guidance",
    "peopleWhoConsentedToEnrichedSummary": "register-summary-consents",
}
"""Field of the baseline, and the measure whose numerator it is."""


async def with_figures(connection: Connection, baseline: Baseline, practice: str, moment: int) -> Baseline:
    """The baseline with how many people of the register had a plan and had consented on its day."""
    day = date.fromisoformat(baseline.date).toordinal()
    known = definitions()
    area = await area_of(connection, practice, PRACTICE, moment)
    counted = await figures(connection, [known[measure] for measure in MEASURES.values()], area, Span(day, day))
    by_measure = {each.definition.id: round(each.whole.numerator) for each in counted}
    found: dict[str, int | None] = {field: by_measure.get(measure) for field, measure in MEASURES.items()}
    return Baseline(baseline.number, baseline.date, baseline.fields, found)
