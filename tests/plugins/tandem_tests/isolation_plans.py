"""The ways to a shared plan: rows of `isolation_operations`."""

from __future__ import annotations

from typing import Any

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.neighbourhood import MARK
from tandem_tests.shared_plans import new_plan, own_goal

_PLAN = "plan-with-goal"


async def keep(place: Place, practice: FhirClient) -> None:
    """A draft with a goal of the person, and work for the community provider that no activity stands for."""
    here = place.here
    goal = await own_goal(practice, here.person, f"To dance, says {MARK}")
    plan = await new_plan(practice, here.person, goal=[{"reference": f"Goal/{goal['id']}"}])
    place.kept[_PLAN] = plan["id"]
    await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "owner": here.reference("community"), "description": f"Meals for {MARK}",
    })  # fmt: skip
    await practice.caught_up()


def _row(method: str, address: str, query: str = "", *sent: tuple[str, Any]) -> None:
    async def ask(asking: Asking) -> str:
        path = address.replace("[id]", asking.place.kept[_PLAN]) + query
        return await (asking.post(path, *sent) if method == "POST" else asking.get(path))

    OPERATIONS[f"{method} {address}"] = ask


_row("GET", "CarePlan/[id]/$quality")
_row("GET", "CarePlan/$quality", "?status=draft&_count=200")
_row("GET", "CarePlan/[id]/$goals")
_row("GET", "CarePlan/[id]/$support")
_row("GET", "CarePlan/$without-plan", "?list=care-home-residents&_count=1000")
_row("POST", "CarePlan/[id]/$review", "", ("reason", "More breathless"), ("reviewer", {"reference": "Practitioner/1"}))
