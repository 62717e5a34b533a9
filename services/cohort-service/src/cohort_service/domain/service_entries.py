"""Plans, activation scores and budgets of a person, each with the service that is the reason for it (PC-058).

A CarePlan, or an activity of it, says so itself by an extension. Where none does, the lists that the person was on when
it was made tell: those of the services that make such entries. Where there was none either it is personalised care,
to which plans, the Patient Activation Measure and personal health budgets belong
(Network Contract DES draft outline service specifications (December 2019), 5.5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from tandem.canonical import BASE, CAUSED_BY_SERVICE, SNOMED_CT
from tandem.fhir.body import Resource
from tandem.nhs.activation import ACTIVATION_LEVEL
from tandem.record_facts.days import first_given

Kind = Literal["plan", "pam", "budget"]
ACTIVATION: Final = (SNOMED_CT, ACTIVATION_LEVEL)
"""Patient Activation Measure level."""
BUDGET: Final = (f"{BASE}/CodeSystem/care-activity", "personal-health-budget")
"""The code of a CarePlan.activity.detail that is a personal health budget; SNOMED CT has none in use."""
SERVICES: Final = ("SMR", "EHCH", "AC", "PC", "PAM", "SDM", "ECD", "PCPC")

_MAKING: dict[Kind, tuple[str, ...]] = {
    "plan": ("EHCH", "AC", "PCPC", "PC"), "pam": ("PAM", "AC", "PC"), "budget": ("PC", "AC"),
}  # fmt: skip
_PERSONALISED_CARE = "PC"


@dataclass(frozen=True, slots=True)
class Entry:
    """`day` is when it was made (a day as in facts, None when nothing says so), `service` what it names itself."""

    kind: Kind
    title: str
    status: str
    day: int | None
    service: str | None


def entries_of(plan: Resource) -> list[Entry]:
    """The plan itself, and each of its activities that is a budget; nothing of one entered in error."""
    if plan.get("status") == "entered-in-error":
        return []
    day = first_given(plan.get("created"), (plan.get("period") or {}).get("start"))
    own = _named(plan)
    found = [Entry("plan", _title(plan), str(plan.get("status")), day, own)]
    for activity in plan.get("activity") or ():
        detail = activity.get("detail") or {}
        codings = (detail.get("code") or {}).get("coding") or ()
        if any((each.get("system"), each.get("code")) == BUDGET for each in codings):
            status, title = str(detail.get("status")), str(detail.get("description") or "Personal health budget")
            found.append(Entry("budget", title, status, day, _named(activity) or own))
    return found


def causes(kind: Kind, named: str | None, lists: Collection[str]) -> list[str]:
    """The services that caused an entry; `lists` are those of the lists on which the person was when it was made."""
    if named is not None:
        return [named]
    return [each for each in _MAKING[kind] if each in lists] or [_PERSONALISED_CARE]


def _named(element: dict[str, Any]) -> str | None:
    extensions: Iterable[dict[str, Any]] = element.get("extension") or ()
    codes = [str(each.get("valueCode")) for each in extensions if each.get("url") == CAUSED_BY_SERVICE]
    return next((code for code in codes if code in SERVICES), None)


def _title(plan: Resource) -> str:
    return str(plan.get("title") or plan.get("description") or "Care plan")
