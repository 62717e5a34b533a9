"""Assessments that were completed (docs/assessments.md, 000 §4.12, §4.13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from metrics_service.domain.facts.answers import FINISHED
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import PART_OF_ASSESSMENT
from tandem.events.event import Event
from tandem.fhir.answers_given import questionnaire_named
from tandem.fhir.body import Resource

_KINDS: Final[Mapping[str, str]] = {
    "comprehensive-needs-assessment": "needs", "targeted-needs-assessment": "needs",
    "care-coordination-review": "coordination-review", "holistic-assessment": "holistic",
    "falls-assessment": "falls", "delirium-assessment": "delirium", "cognitive-assessment": "cognitive",
    "carer-assessment": "carer",
}  # fmt: skip
"""Questionnaire -> kind of assessment."""


def read_assessment(response: Resource, event: Event) -> Iterable[Fact]:
    """A whole: `category` its kind, `detail` the Questionnaire, `group` the plan. A part counts with its whole."""
    named = questionnaire_named(response.get("questionnaire"))
    if named is None or named[0] not in _KINDS or response.get("status") not in FINISHED:
        return
    if any(each.get("url") == PART_OF_ASSESSMENT for each in response.get("extension") or ()):
        return
    plans = (str(each.get("reference") or "") for each in response.get("basedOn") or ())
    yield Fact(
        "assessment", given_day(response.get("authored")), category=_KINDS[named[0]], detail=named[0],
        group=next((plan for plan in plans if plan.startswith("CarePlan/")), None),
    )  # fmt: skip
