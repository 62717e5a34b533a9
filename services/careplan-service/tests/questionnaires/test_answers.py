"""The answers that are kept beside responses, and what asking for them gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from careplan_service.questionnaires.answers import (
    CONTENT,
    answers_of_person,
    answers_of_plan,
    responses_of_person,
    responses_of_plan,
    sections_of_plan,
)
from tandem.identity.caller import Caller
from tandem_tests.questionnaire_responses import coding, draft_plan, item, response
from tandem_tests.small_work import SmallWork

PRACTICE, NURSE = Caller("A00001"), Caller("RX001")
PLAN: dict[str, Any] = {"basedOn": [{"reference": "CarePlan/c1"}]}


async def plan(work: SmallWork, identity: str = "c1", patient: str = "p1", **more: Any) -> None:
    await work.write({**draft_plan(patient), "id": identity, **more}, PRACTICE)


async def content(
    work: SmallWork, identity: str, *items: dict[str, Any], caller: Caller = PRACTICE, **more: Any
) -> None:
    status = more.pop("status", "completed")
    body = response(CONTENT, more.pop("patient", "p1"), status, *items, **more)
    await work.write({**body, "id": identity}, caller)


async def texts(work: SmallWork, link_id: str | None = None, **asked: Any) -> list[str]:
    return [each.text for each in await answers_of_plan(work.connection, "c1", CONTENT, link_id, **asked)]


async def test_answers_of_a_plan_come_in_order_with_who_said_them(work: SmallWork) -> None:
    await plan(work)
    person: dict[str, Any] = {"author": {"reference": "Patient/p1"}, "source": {"reference": "RelatedPerson/r1"}}
    await content(
        work, "later", item("about-me", "I was a baker"), authored="2020-06-02", caller=NURSE, **person, **PLAN
    )
    await content(
        work, "first", item("forum", coding("home-visit")), item("agreement", True), authored="2020-06-01", **PLAN
    )
    assert await texts(work) == ["On a home visit", "Yes", "I was a baker"]
    assert await sections_of_plan(work.connection, "c1") == {"forum", "agreement", "about-me"}
    [said] = await answers_of_plan(work.connection, "c1", CONTENT, "about-me")
    assert (said.kind, said.value, said.section) == ("valueString", "I was a baker", "about-me")
    assert (said.response.organisation, said.response.author_kind) == ("RX001", "Patient")
    assert (said.response.source, said.response.source_kind) == ({"reference": "RelatedPerson/r1"}, "RelatedPerson")
    assert said.response.authored == datetime(2020, 6, 1, 23, tzinfo=UTC), "the day begins in London"


async def test_what_is_changed_withdrawn_or_deleted_counts_no_more(work: SmallWork) -> None:
    await plan(work)
    await content(work, "r1", item("about-me", "I was a baker"), **PLAN)
    await content(work, "r1", item("what-matters", "My garden"), status="amended", **PLAN)
    assert await texts(work) == ["My garden"]
    await content(work, "r1", item("what-matters", "My garden"), status="entered-in-error", **PLAN)
    assert await texts(work) == []
    assert await responses_of_plan(work.connection, "c1") == []
    await content(work, "r2", item("about-me", "I sing"), status="in-progress", **PLAN)
    assert await texts(work) == ["I sing"]
    assert await texts(work, finished_only=True) == []
    await content(work, "r2", item("about-me", "I sing"), status="stopped", **PLAN)
    assert await texts(work) == []
    assert [each.status for each in await responses_of_person(work.connection, "p1")] == ["stopped"]
    await work.delete("QuestionnaireResponse", "r2")
    assert await responses_of_person(work.connection, "p1") == []


async def test_a_response_belongs_to_plans_of_its_own_person_only(work: SmallWork) -> None:
    await content(work, "r1", item("about-me", "I was a baker"), **PLAN)
    assert await texts(work) == [], "the plan is not there yet"
    await plan(work, patient="p2")
    assert await texts(work) == []
    await content(work, "r2", item("about-me", "I sing"), patient="p2")
    named = [{"reference": "QuestionnaireResponse/r2"}, {"reference": "QuestionnaireResponse/r1"}]
    linked: dict[str, Any] = {"supportingInfo": named}
    await plan(work, patient="p2", **linked)
    assert await texts(work) == ["I sing"]
    await plan(work, patient="p2")
    assert await texts(work) == []
    said = await answers_of_person(work.connection, "p1", CONTENT, "about-me")
    assert [each.text for each in said] == ["I was a baker"]


async def test_a_response_to_another_questionnaire_leaves_nothing(work: SmallWork) -> None:
    body = response(CONTENT, "p1", "completed", item("about-me", "I was a baker"), **PLAN)
    foreign = {**body, "id": "r1", "questionnaire": "https://supplier.example/q"}
    await work.write(foreign, PRACTICE)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM questionnaire_response") == 0
    await work.write({**body, "id": "r1"}, PRACTICE)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM response_answer") == 1
    await work.write(foreign, PRACTICE)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM response_answer") == 0
    assert await work.connection.fetchval("SELECT COUNT(*) FROM response_plan") == 0
