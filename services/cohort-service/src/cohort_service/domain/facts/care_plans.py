"""CarePlan and QuestionnaireResponse: what was planned and done, and what was asked.

http://hl7.org/fhir/R4/careplan.html, http://hl7.org/fhir/R4/questionnaireresponse.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.fhir.body import Resource
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import after_end_of, first_given
from tandem.record_facts.fact import UNDATED, Fact

URI = "urn:ietf:rfc:3986"
"""The system of a code that is an address, here of a Questionnaire."""

_HELD = {"active", "on-hold", "completed", "revoked"}
_OVER = {"completed", "revoked"}


def care_plan_facts(resource: Resource) -> list[Fact]:
    """The categories while the plan holds, and each activity that is completed.

    A draft says nothing. A plan that is over without a date of its end ends as it begins.
    """
    if resource.get("status") not in _HELD:
        return []
    period = resource.get("period") or {}
    starts = first_given(period.get("start"), resource.get("created"))
    starts = UNDATED if starts is None else starts
    ends = after_end_of(period)
    if ends is None and resource["status"] in _OVER:
        ends = starts
    return [*facts_with(resource.get("category") or (), starts, ends), *_activities(resource, starts)]


def questionnaire_facts(resource: Resource) -> list[Fact]:
    """The address of the questionnaire that was filled in, without its version, from the day it was."""
    questionnaire = str(resource.get("questionnaire") or "").partition("|")[0]
    if resource.get("status") not in ("completed", "amended") or not questionnaire:
        return []
    starts = first_given(resource.get("authored"))
    return [Fact(URI, questionnaire, UNDATED if starts is None else starts)]


def _activities(resource: Resource, planned: int) -> Iterator[Fact]:
    for activity in resource.get("activity") or ():
        detail: dict[str, Any] = activity.get("detail") or {}
        if detail.get("status") == "completed" and not detail.get("doNotPerform"):
            done = first_given((detail.get("scheduledPeriod") or {}).get("start"))
            yield from facts_with([detail.get("code")], planned if done is None else done, None)
