"""The Questionnaires that the service ships with, and putting them at start."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from careplan_service.domain.questionnaires.questionnaire import Questionnaire, questionnaire_of
from tandem.fhir.answers_given import questionnaire_named
from tandem.fhir.body import Resource, decode
from tandem.service import Work


@cache
def shipped_resources() -> tuple[Resource, ...]:
    """Every Questionnaire of the folder, as it is published."""
    folder = files("careplan_service") / "questionnaires"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda each: each.name)
    return tuple(decode(each.read_bytes()) for each in found)


@cache
def shipped_questionnaires() -> dict[str, Questionnaire]:
    """The same by name, as responses are held to them."""
    return {resource["id"]: questionnaire_of(resource) for resource in shipped_resources()}


def questionnaire_answered(response: Resource | None) -> Questionnaire | None:
    """The shipped Questionnaire that a response answers; None for every other."""
    asked = questionnaire_named((response or {}).get("questionnaire"))
    return shipped_questionnaires().get(asked[0]) if asked is not None else None


async def put_questionnaires(work: Work) -> None:
    """Put each Questionnaire that is not held as it is shipped."""
    for resource in shipped_resources():
        held = await work.read("Questionnaire", resource["id"])
        if held is None or {**held, "meta": None} != {**resource, "meta": None}:
            await work.put(dict(resource))
