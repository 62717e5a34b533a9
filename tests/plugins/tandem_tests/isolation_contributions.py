"""The ways to contributions and care teams: rows of `isolation_operations`."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, parameters
from tandem_tests.neighbourhood import MARK
from tandem_tests.questionnaire_responses import draft_plan

_NUMBERS = count(1)


async def keep(place: Place, practice: FhirClient) -> None:
    """Make a plan with a note."""
    plan = await practice.create(draft_plan(place.here.person))
    place.kept["contributed-plan"] = plan["id"]
    await practice.call("POST", f"CarePlan/{plan['id']}/$contribute", parameters(("note", f"Diary of {MARK}")))


async def _contribute(asking: Asking) -> str:
    path = f"CarePlan/{asking.place.kept['contributed-plan']}/$contribute"
    return await asking.post(path, ("note", f"Note {next(_NUMBERS)}"))


async def _contributions(asking: Asking) -> str:
    return await asking.get(f"CarePlan/{asking.place.kept['contributed-plan']}/$contributions")


async def _hand_over(asking: Asking) -> str:
    """To somebody else from a later day each time, so that every caller asks for what could be done."""
    number = next(_NUMBERS)
    return await asking.post(
        f"CareTeam/{asking.place.here.team}/$hand-over", ("role", "named-professional"), ("reason", "Knows her"),
        ("to", {"reference": f"PractitionerRole/role-{number}"}),
        ("from", (date(2030, 1, 1) + timedelta(days=number)).isoformat()),
    )  # fmt: skip


async def _gaps(asking: Asking) -> str:
    practice = asking.place.here.codes["practice"]
    return await asking.get(f"CareTeam/$gaps?list=anticipatory-care&practice={practice}&_count=1000")


OPERATIONS |= {
    "POST CarePlan/[id]/$contribute": _contribute, "GET CarePlan/[id]/$contributions": _contributions,
    "POST CareTeam/[id]/$hand-over": _hand_over, "GET CareTeam/$gaps": _gaps,
}  # fmt: skip
