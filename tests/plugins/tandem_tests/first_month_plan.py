"""What everybody adds to the plan of the resident of `first_month`, and how it is agreed and reviewed."""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem_tests.first_month import FirstMonth
from tandem_tests.mdt_meetings import reference
from tandem_tests.network_area import part
from tandem_tests.questionnaire_responses import coding, item, response

CONTENT = "personalised-care-and-support-plan"
OWN_GOAL, OWN_WORDS = "To sit in the garden with my sister Joan", "My sister, my music, and no fuss"


async def own_words(story: FirstMonth) -> None:
    """What she wants, in her own words: her goal by the practice, her answers by herself."""
    answers = response(
        CONTENT, story.person, "completed", item("what-matters", OWN_WORDS), item("about-me", "I taught the piano"),
        source=story.subject, author=story.subject,
    )  # fmt: skip
    await story.post(
        "northern", f"{story.plan}/$contribute", part("response", resource=answers), _named(story, "own-words"),
        user=story.known["person"],
    )  # fmt: skip


async def her_goal(story: FirstMonth) -> None:
    """The practice writes down her goal, and what is done towards it."""
    goal = _goal(OWN_GOAL, expressedBy=story.subject)
    await story.post(
        "northern", f"{story.plan}/$contribute", part("goal", resource={**goal, "id": "g"}),
        part("activity", part("description", valueString="A chair by the garden door"),
             part("goal", valueReference=reference("#g"))),
        _named(story, "goal"),
    )  # fmt: skip


async def input_of_the_trust(story: FirstMonth, text: str = "To walk to the dining room") -> None:
    """The community nurse adds a goal and an activity."""
    await story.post(
        "trust", f"{story.plan}/$contribute", part("goal", resource={**_goal(text), "id": "g"}),
        part("activity", part("description", valueString=f"Exercises twice a week: {text}"),
             part("goal", valueReference=reference("#g")),
             part("performer", valueReference=story.area.reference("trust"))),
        _named(story, text), user=story.staff["nurse"],
    )  # fmt: skip


async def part_of_the_hospice(story: FirstMonth) -> None:
    """The hospice answers the section on the end of life, in a response of its own."""
    answers = response(
        CONTENT, story.person, "completed", item("end-of-life", "Wants to stay in the home, with Joan beside her"),
        item("resuscitation", coding("do-not-attempt")), item("preferred-place-of-death", coding("care-home")),
        item("crisis-steps", "Ring the hospice line before an ambulance"),
    )  # fmt: skip
    await story.post(
        "hospice", f"{story.plan}/$contribute", part("response", resource=answers), _named(story, "end-of-life"),
    )  # fmt: skip


async def note_of_the_home(story: FirstMonth) -> None:
    """The home adds a note."""
    await story.post(
        "elms", f"{story.plan}/$contribute", part("note", valueString="Sleeps best with the lamp on"),
        _named(story, "note"),
    )  # fmt: skip


def _goal(text: str, **more: Any) -> Resource:
    return {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text}, **more}


def _named(story: FirstMonth, name: str) -> dict[str, Any]:
    return part("identifier", valueIdentifier={"system": "urn:example:records", "value": f"{story.area.number}-{name}"})


async def agree(story: FirstMonth) -> None:
    """The plan is agreed."""
    await story.change("northern", story.plan, lambda held: {**held, "status": "active"})


async def review_the_plan(story: FirstMonth) -> None:
    """The plan is reviewed after the return."""
    await story.post(
        "northern", f"{story.plan}/$review", part("reason", valueCodeableConcept={"text": "Back from hospital"}),
        part("reviewer", valueReference=reference(story.staff["gp"])),
    )  # fmt: skip
