"""The components of the model (000 §5.5), and to which of them a record belongs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from tandem.canonical import CARE_COMPONENT
from tandem.fhir.body import Resource, decode
from tandem.fhir.outcome import Issue

OF_RESPONSE = {
    "shared-decision": "shared-decision-making",
    "personalised-care-and-support-plan": "care-and-support-planning",
    "social-prescribing": "social-prescribing",
    "patient-activation-measure": "supported-self-management",
    "gp-survey-confidence": "supported-self-management",
    "personal-health-budget": "personal-health-budgets",
}
"""To which component a response belongs, by its Questionnaire."""


@cache
def components() -> dict[str, str]:
    """Code -> title, in the order of the specification."""
    raw = (files("careplan_service") / "personalised_care_model" / "components.json").read_bytes()
    return {each["code"]: each["title"] for each in decode(raw)}


def component_of(activity: dict[str, Any]) -> str | None:
    """The component that an activity of a plan names."""
    return next((code for _, code in _named(activity)), None)


def unknown_components(plan: Resource) -> Iterator[Issue]:
    """An Issue for each activity that names a component which is not in the model (PC-004)."""
    for place, activity in enumerate(plan.get("activity") or ()):
        for number, code in _named(activity):
            if code not in components():
                yield Issue(
                    f"'{code}' is no component of personalised care; there are: {', '.join(components())} (000 §5.5)",
                    f"CarePlan.activity[{place}].detail.code.coding[{number}].code",
                )  # fmt: skip


def _named(activity: dict[str, Any]) -> Iterator[tuple[int, str]]:
    codings = ((activity.get("detail") or {}).get("code") or {}).get("coding") or ()
    for number, coding in enumerate(codings):
        if coding.get("system") == CARE_COMPONENT:
            yield number, str(coding.get("code"))
