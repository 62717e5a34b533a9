"""Her team, the rounds of the home and the meeting that are planned, the home's flag, and what a round does."""

from __future__ import annotations

from typing import Any

from tandem.canonical import BASE, CARE_TEAM_CATEGORY, CARE_TEAM_ROLE, MDT_ARRANGEMENT, TASK_KIND
from tandem.fhir.body import Resource
from tandem_tests.first_month import FirstMonth
from tandem_tests.mdt_meetings import reference, shown
from tandem_tests.network_area import part, values


def _kind(code: str) -> dict[str, Any]:
    return {"coding": [{"system": TASK_KIND, "code": code}]}


# Her team, the rounds of the home, the meetings of its team.


async def name_the_team(story: FirstMonth) -> None:
    """The practice puts her clinical team, names it on the plan, and gives the home its place while she lives there."""
    members = [
        ("gp", "named-gp"), ("coordinator", "care-coordinator"), ("nurse", "clinical-team"),
        ("pharmacist", "clinical-team"),
    ]  # fmt: skip
    await story.enter("northern", "team", {
        "resourceType": "CareTeam", "status": "active", "name": "Named clinical team", "subject": story.subject,
        "category": [{"coding": [{"system": CARE_TEAM_CATEGORY, "code": "named-clinical-team"}]}],
        "participant": [
            *({"member": reference(story.staff[name]), "role": [_role(role)]} for name, role in members),
            # A role of somebody opens no records to the organisation: it is named itself.
            {"member": story.area.reference("trust"), "role": [{"text": "Community nurses"}]},
            {"member": story.area.reference("hospice"), "role": [{"text": "Palliative care"}]},
            {"member": story.area.reference("elms"), "period": {"start": "2020-11-02"}},
        ],
    })  # fmt: skip
    team = reference(story.known["team"])
    await story.change("northern", story.plan, lambda held: {**held, "careTeam": [team]})


def _role(code: str) -> dict[str, Any]:
    return {"coding": [{"system": CARE_TEAM_ROLE, "code": code}]}


async def plan_the_rounds(story: FirstMonth) -> None:
    """The network plans the rounds of the home, led in turn by a GP and the trust's nurse."""
    planned = await story.post(
        "north", "Schedule/$plan-rounds", part("home", valueReference=story.area.reference("elms")),
        part("start", valueDateTime="2020-11-04T10:00+00:00"), part("weeks", valueInteger=2),
        *(part("leader", valueReference=reference(story.staff[each])) for each in ("lead", "nurse")),
        part("member", valueReference=reference(story.staff["pharmacist"])),
    )  # fmt: skip
    story.known["rounds"] = values(planned, "schedule")[0]["reference"]
    for number, each in enumerate(values(planned, "round"), 1):
        story.known[f"round-{number}"] = values(each, "appointment")[0]["reference"]


async def plan_the_meetings(story: FirstMonth) -> None:
    """The network sets up the home's multidisciplinary team and its meeting."""
    arrangement = [
        {"url": "cadence", "valueTiming": {"repeat": {"frequency": 1, "period": 4, "periodUnit": "wk"}}},
        {"url": "quorum", "valuePositiveInt": 3},
        {"url": "care-home", "valueReference": story.area.reference("elms")},
    ]  # fmt: skip
    await story.enter("north", "mdt", {
        "resourceType": "CareTeam", "status": "active", "name": "Team of the home",
        "category": [{"coding": [{"system": CARE_TEAM_CATEGORY, "code": "mdt"}]}],
        "extension": [{"url": MDT_ARRANGEMENT, "extension": arrangement}],
        "participant": [
            {"member": reference(story.staff[name])}
            for name in ("gp", "coordinator", "nurse", "physiotherapist", "palliative")
        ],
    })  # fmt: skip
    await story.caught_up()
    planned = await story.post(
        "north", "Schedule/$plan-meetings", part("team", valueReference=reference(story.known["mdt"])),
        part("start", valueDateTime="2020-11-12T14:00+00:00"),
    )  # fmt: skip
    story.known["meeting"] = shown(planned, "meeting")[0]["appointment"][0]["reference"]


# The home flags her; a nurse of the trust triages; the rounds see her.


async def flag(story: FirstMonth) -> None:
    """The home says that something is wrong."""
    coding = {"system": f"{BASE}/CodeSystem/home-flag-reason", "code": "review"}
    await story.enter("elms", "flag", {
        "resourceType": "Task", "status": "requested", "intent": "proposal", "code": _kind("home-flag"),
        "for": story.subject, "owner": story.area.reference("north"),
        "reasonCode": {"coding": [coding], "text": "Fell twice at night"},
    })  # fmt: skip


async def triage(story: FirstMonth) -> None:
    """She is seen before the others at the next round."""
    outcome = {"coding": [{"system": f"{BASE}/CodeSystem/triage-outcome", "code": "before-round"}]}
    await story.enter("trust", "triage", {
        "resourceType": "Task", "status": "completed", "intent": "order", "priority": "urgent", "code": _kind("triage"),
        "for": story.subject, "focus": reference(story.known["flag"]), "owner": reference(story.staff["nurse"]),
        "output": [{"type": {"text": "triage"}, "valueCodeableConcept": outcome}],
    })  # fmt: skip


async def hold_round(story: FirstMonth, number: int, leader: str, note: str, *more: dict[str, Any]) -> Resource:
    """A round begins, sees her, and ends: what finishing answers."""
    address = f"{story.known[f'round-{number}']}/$round"
    await story.post("north", address, part("step", valueCode="start"))
    await story.post(
        "north", address, part("step", valueCode="record"), part("patient", valueReference=story.subject),
        part("note", valueString=note), *more,
    )  # fmt: skip
    there = [part("present", valueReference=reference(story.staff[each])) for each in (leader, "pharmacist")]
    return await story.post("north", address, part("step", valueCode="finish"), *there)


def round_action(story: FirstMonth, what: str, owner: str, due: str) -> list[dict[str, Any]]:
    """An action that a round agrees."""
    return [
        part("action", valueString=what), part("action-owner", valueReference=reference(story.staff[owner])),
        part("action-due", valueDate=due),
    ]  # fmt: skip
