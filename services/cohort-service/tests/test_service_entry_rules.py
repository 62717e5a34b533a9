"""Which entries a CarePlan makes, and the services that caused them (PC-058)."""

from __future__ import annotations

from datetime import date
from typing import Any

from cohort_service.domain.service_entries import BUDGET, Entry, causes, entries_of
from tandem.canonical import CAUSED_BY_SERVICE
from tandem.london_days import day_number

DAY = day_number(date(2020, 7, 1))


def named(service: str) -> list[dict[str, str]]:
    return [{"url": CAUSED_BY_SERVICE, "valueCode": service}]


def plan(**more: Any) -> dict[str, Any]:
    return {"resourceType": "CarePlan", "status": "active", "title": "Plan", "created": "2020-07-01", **more}


def test_a_plan_and_its_budgets_name_their_service() -> None:
    system, code = BUDGET
    budget = {"status": "in-progress", "code": {"coding": [{"system": system, "code": code}]}}
    other = {"status": "in-progress", "code": {"coding": [{"system": system, "code": "walk"}]}}
    activities = [{"detail": budget}, {"extension": named("PC"), "detail": budget}, {"detail": other}]
    found = entries_of(plan(extension=named("EHCH"), activity=activities))
    assert found == [
        Entry("plan", "Plan", "active", DAY, "EHCH"),
        Entry("budget", "Personal health budget", "in-progress", DAY, "EHCH"),
        Entry("budget", "Personal health budget", "in-progress", DAY, "PC"),
    ]
    assert entries_of(plan(extension=named("NONE"))) == [Entry("plan", "Plan", "active", DAY, None)]
    assert entries_of(plan(status="entered-in-error")) == []


def test_what_names_no_service_was_caused_by_the_lists_of_that_day_else_by_personalised_care() -> None:
    assert causes("plan", "EHCH", {"AC"}) == ["EHCH"]
    assert causes("plan", None, {"AC", "SMR", "EHCH"}) == ["EHCH", "AC"]
    assert causes("pam", None, {"PAM", "EHCH"}) == ["PAM"]
    assert causes("budget", None, {"SMR"}) == ["PC"]
