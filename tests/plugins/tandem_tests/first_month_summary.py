"""What stands after the first month, in words without ids, so that two residents can be compared."""

from __future__ import annotations

import re
from typing import Any

from tandem.fhir.body import Resource
from tandem_tests.first_month import FirstMonth
from tandem_tests.network_area import values
from tandem_tests.printed_plan import words

EVERYBODY = ("north", "northern", "hilltop", "trust", "hospice", "elms")
Rows = list[tuple[Any, ...]]
_EVIDENCE = ("EpisodeOfCare", "Observation")
"""What was known of her stay in the moment in which the draft was opened: whichever came first."""


def single(listed: list[dict[str, Any]]) -> dict[str, Any]:
    """The first value of each part by its name."""
    return {each["name"]: values(listed, each["name"])[0] for each in listed}


async def clocks(story: FirstMonth, as_of: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    """Her clocks by kind and day of beginning."""
    await story.caught_up()
    query = f"?as-of={as_of}" if as_of else ""
    shown = await story.client("northern").read(f"{story.plan}/$clocks{query}")
    found = [single(each) for each in values(shown, "clock")]
    assert len({(each["kind"], each["starts"][:10]) for each in found}) == len(found)
    return {(each["kind"], each["starts"][:10]): each for each in found}


async def inbox(story: FirstMonth, name: str) -> list[dict[str, Any]]:
    """What waits for an organisation and for everybody of its staff."""
    await story.caught_up()
    client = story.client(name)
    owners = ["", *(f"?owner={story.staff[who]}" for who, employer in story.works_for.items() if employer == name)]
    answers = [await client.read(f"Task/$inbox{owner}") for owner in owners]
    return [single(each) for answer in answers for each in values(answer, "task")]


async def contributions(story: FirstMonth) -> Rows:
    """Who contributed what: element, words or kind of record, status, organisation."""
    shown = await story.client("northern").read(f"{story.plan}/$contributions")
    found = [single(each) for each in values(shown, "contribution")]
    return sorted(
        (
            each["element"], each.get("text") or _type(each["reference"]), str(each.get("status")),
            story.name_of(each.get("organisation")),
        )
        for each in found if "text" in each or _type(each["reference"]) not in _EVIDENCE
    )  # fmt: skip


async def tasks(story: FirstMonth) -> Rows:
    """Every Task about her: kind, words, status, owner, last day, how many notes and outputs."""
    found = await story.client("northern").search(f"Task?patient={story.person}&_count=200")
    return sorted(
        (
            _code(each), str(each.get("description")), each["status"], each["intent"], story.name_of(each.get("owner")),
            str(each.get("restriction", {}).get("period", {}).get("end")), len(each.get("note", ())),
            len(each.get("output", ())),
        )
        for each in found
    )  # fmt: skip


def _code(resource: Resource) -> str:
    concept = resource.get("code") or {}
    return str(next((each["code"] for each in concept.get("coding", ())), concept.get("text")))


async def plan(story: FirstMonth) -> dict[str, Any]:
    """The plan's own words."""
    held = await story.client("northern").read(story.plan)
    details = [each["detail"] for each in held["activity"] if "detail" in each]
    return {
        "status": held["status"],
        "activities": sorted((each.get("description") or _code(each), each["status"]) for each in details),
        "linked": sorted(_type(each["reference"]) for each in held["activity"] if "reference" in each),
        "notes": sorted(each["text"] for each in held.get("note", ())),
        "goals": len(held["goal"]), "teams": len(held["careTeam"]),
        "supporting": sorted(_type(each) for each in held["supportingInfo"] if _type(each) not in _EVIDENCE),
    }  # fmt: skip


def _type(reference: dict[str, str]) -> str:
    return reference["reference"].partition("/")[0]


async def medicines(story: FirstMonth) -> dict[str, Rows]:
    """What the review decided, and what she takes now."""
    client = story.client("northern")
    shown = await client.read(f"{story.known['review']}/$medication-review")
    decided = [(values(each, "name")[0], *values(each, "decision")) for each in values(shown, "medicine")]
    stated = await client.search(f"MedicationStatement?patient={story.person}&_count=100")
    taken = ((_code({"code": each["medicationCodeableConcept"]}), each["status"]) for each in stated)
    return {"decided": sorted(decided), "stated": sorted(taken)}


async def lists(story: FirstMonth) -> list[str]:
    """The lists on which she stands."""
    client = story.client("northern")
    found = []
    for group in await client.search("Group?_count=200"):
        members = (await client.read(f"Group/{group['id']}/$members?_count=1000")).get("member") or []
        if story.person in str(members):
            found.append(_code(group))
    return sorted(found)


async def printed(story: FirstMonth, operation: str, reader: str = "northern") -> str:
    """What somebody reads in a document of the plan."""
    return words(await story.client(reader).request("GET", f"{story.plan}/${operation}?_format=html"))


async def summary(story: FirstMonth) -> dict[str, Any]:
    """Everything that the order of requests must not change."""
    compliance = await story.client("north").read(f"{story.known['rounds']}/$round-compliance?as-of=2020-11-30")
    record = await story.client("north").read(f"{story.known['meeting']}/$record")
    told = await clocks(story)
    return {
        "clocks": {
            name: {part: each.get(part) for part in ("policy", "state", "met", "starts", "due", "stopped", "closed")}
            for name, each in sorted(told.items())
        },
        "plan": await plan(story), "contributions": await contributions(story), "tasks": await tasks(story),
        "medicines": await medicines(story), "lists": await lists(story),
        "missed": values(compliance, "missed"), "rounds": len(values(compliance, "round")),
        "breaches": [day for each in values(compliance, "gp-led-breach") for day in values(each, "breached")],
        "meeting": _without_ids(story, record),
        "referral": (await story.client("northern").read(story.known["referral"]))["status"],
        "shared-plan": _bag(story, await printed(story, "shared-plan")),
        "crisis-view": _bag(story, await printed(story, "crisis-view")),
        "waiting": {name: len(await inbox(story, name)) for name in EVERYBODY},
    }  # fmt: skip


def _bag(story: FirstMonth, text: str) -> list[str]:
    """Its words, whatever their order, without what tells two residents apart."""
    names = "|".join(story.area.codes)
    return sorted(re.sub(rf"(?<=\b)({names}) {story.area.number}\b|\b\d{{3}} \d{{3}} \d{{4}}\b", r"\1", text).split())


def _without_ids(story: FirstMonth, answer: Resource) -> list[str]:
    told = re.findall(r"'value(?:String|Boolean|Date|Code|Integer)': '?([^'},]*)", str(answer))
    return sorted(story.name_of({"reference": each}) for each in told)
