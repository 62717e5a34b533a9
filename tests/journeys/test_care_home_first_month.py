"""A care home's first month with a new resident, as everybody around her sends it and looks at it.

Three residents of three networks live through the same month in one system. The second one's requests come in another
order and each twice, the third one's at once and each twice. What stands in the end is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from tandem_tests import first_month_arrival as arrival
from tandem_tests import first_month_care as care
from tandem_tests import first_month_plan as plan
from tandem_tests import first_month_work as work
from tandem_tests.first_month import FirstMonth, at_once, backwards
from tandem_tests.first_month_summary import clocks, inbox, printed, summary
from tandem_tests.network_area import new_area, values
from tandem_tests.resending import ImpatientClient, ResendingClient
from tandem_tests.running import EmbeddedTandem

EVERYBODYS = (
    plan.OWN_GOAL, plan.OWN_WORDS, "To walk to the dining room", "Joan beside her", "Sleeps best with the lamp on",
    "Strength exercises in the home", "Falls assessment", "Furosemide 40mg tablets 20mg in the morning",
    "Back from hospital",
)  # fmt: skip
"""What she, the practice, the trust, the hospice, the home, the meeting and the review of medicines wrote."""
AGREED, INPUT = "agreed-within-seven-days", "community-input-within-seven-working-days"


async def she_moves_in(story: FirstMonth) -> None:
    await arrival.register(story)
    await arrival.move_in(story)
    practice = story.client("northern")
    gaps = await practice.read("CareTeam/$gaps?list=care-home-residents")
    assert [values(each, "patient") for each in values(gaps, "person")] == [[story.subject]]
    await story.together(
        lambda: care.name_the_team(story), lambda: care.plan_the_rounds(story), lambda: care.plan_the_meetings(story)
    )
    await story.caught_up()
    gaps = await practice.read("CareTeam/$gaps?list=care-home-residents")
    assert (values(gaps, "listed"), values(gaps, "total")) == ([1], [0])
    opened = await clocks(story)
    started = {kind: opened[kind, "2020-11-02"] for kind in (AGREED, INPUT)}
    assert {kind: (each["due"][:10], each["state"]) for kind, each in started.items()} == {
        AGREED: ("2020-11-09", "running"), INPUT: ("2020-11-11", "running"),
    }  # fmt: skip


async def the_first_round(story: FirstMonth) -> None:
    await care.flag(story)
    await care.triage(story)
    await story.caught_up()
    listed = await story.client("north").read(f"{story.known['round-1']}/$round-list")
    assert "Fell twice at night" in str(listed)
    assert "before-round" in str(listed), "as the trust's nurse found"
    assert [each["kind"] for each in await inbox(story, "north")] == ["home-flag"]
    shoes = care.round_action(story, "Look at her shoes", "nurse", "2020-11-10")
    finished = await care.hold_round(story, 1, "lead", "Walks unsteadily", *shoes)
    assert (values(finished, "counts"), values(finished, "gp-led")) == ([True], [True])


async def everybody_contributes(story: FirstMonth) -> None:
    async def review() -> None:
        await work.begin_review(story)
        await work.decide(story)
        await work.complete_review(story)

    await story.together(
        lambda: plan.own_words(story), lambda: plan.her_goal(story), lambda: plan.input_of_the_trust(story),
        lambda: plan.part_of_the_hospice(story), lambda: plan.note_of_the_home(story), review,
    )  # fmt: skip
    told = await clocks(story)
    assert (told[INPUT, "2020-11-02"]["state"], told[INPUT, "2020-11-02"]["met"]) == ("stopped", True)


async def it_is_agreed(story: FirstMonth) -> None:
    await plan.agree(story)
    told = await clocks(story)
    assert (told[AGREED, "2020-11-02"]["state"], told[AGREED, "2020-11-02"]["met"]) == ("stopped", True)


async def the_second_round(story: FirstMonth) -> None:
    shoes = await work.task_about(story, "trust", f"owner={story.staff['nurse']}&status=requested")
    await work.accept(story, shoes)
    await work.finish(story, shoes, "New shoes")
    finished = await care.hold_round(story, 2, "nurse", "Brighter, and the shoes fit")
    assert (values(finished, "counts"), values(finished, "gp-led")) == ([True], [False])
    held = await story.client("elms").read(f"{story.known['rounds']}/$round-compliance?as-of=2020-11-16")
    assert (len(values(held, "round")), values(held, "missed"), values(held, "gp-led-breach")) == (2, [], [])


async def the_meeting(story: FirstMonth) -> None:
    await story.together(lambda: work.meet(story), lambda: work.refer(story))
    asked = await work.task_about(story, "trust", f"focus={story.known['referral']}")
    story.known["asked"] = asked
    waiting = {each["task"]["reference"]: each["standing"] for each in await inbox(story, "trust")}
    assert waiting == {story.known["action"]: "due", asked: "open"}
    await story.together(lambda: work.accept(story, story.known["action"]), lambda: work.accept(story, asked))


async def hospital(story: FirstMonth) -> None:
    await story.together(
        lambda: work.finish(story, story.known["action"], "Exercises twice a week"),
        lambda: work.finish(story, story.known["asked"], "A lamp, and no rug"), lambda: work.in_hospital(story),
    )  # fmt: skip
    told = await clocks(story)
    back = {kind: told[kind, "2020-11-17"] for kind in (AGREED, INPUT)}
    assert {kind: (each["due"][:10], each["state"]) for kind, each in back.items()} == {
        AGREED: ("2020-11-24", "running"), INPUT: ("2020-11-26", "running"),
    }  # fmt: skip


async def after_hospital(story: FirstMonth) -> None:
    await story.together(lambda: work.follow_up(story), lambda: plan.review_the_plan(story))


async def late_input(story: FirstMonth) -> None:
    assert (await clocks(story))[INPUT, "2020-11-17"]["state"] == "overdue"
    await plan.input_of_the_trust(story, "To climb three steps")


MONTH = (
    ("2020-11-04T10:00+00:00", the_first_round), ("2020-11-05T10:00+00:00", everybody_contributes),
    ("2020-11-09T16:00+00:00", it_is_agreed), ("2020-11-11T10:00+00:00", the_second_round),
    ("2020-11-12T14:00+00:00", the_meeting), ("2020-11-18T10:00+00:00", hospital),
    ("2020-11-20T10:00+00:00", after_hospital), ("2020-11-27T10:00+00:00", late_input),
)  # fmt: skip


def what_a_user_looks_at(month: dict[str, Any]) -> None:
    """The clocks, who did what, the rounds, the plan on paper, and that nothing waits."""
    kept = {kind_and_day: (each["state"], each.get("met")) for kind_and_day, each in month["clocks"].items()}
    assert {name: kept[name] for name in kept if name[0] in (AGREED, INPUT)} == {
        (AGREED, "2020-11-02"): ("stopped", True), (INPUT, "2020-11-02"): ("stopped", True),
        (AGREED, "2020-11-17"): ("stopped", True), (INPUT, "2020-11-17"): ("stopped", False),
    }  # fmt: skip
    contributed = {(element, by) for element, _, _, by in month["contributions"]}
    assert contributed >= {
        ("goal", "northern"), ("goal", "trust"), ("activity", "trust"), ("response", "hospice"), ("note", "elms"),
    }  # fmt: skip
    assert (month["rounds"], month["missed"]) == (2, ["2020-11-16", "2020-11-23"]), "two weeks without a round"
    assert month["breaches"] == ["2020-11-19"], "fifteen days after the round of the GP"
    assert month["referral"] == "completed"
    assert set(month["waiting"].values()) == {0}
    assert "care-home-residents" in month["lists"]
    assert sum("continue" in each for each in month["medicines"]["decided"]) == 12
    assert len(month["medicines"]["decided"]) == 14


async def who_reads_it(story: FirstMonth) -> None:
    """Everybody of her care reads the same page; practices that she is not registered with read none."""
    for name in ("northern", "north", "trust", "hospice", "elms"):
        page = await printed(story, "shared-plan", name)
        for said in EVERYBODYS:
            assert said in page, (name, said)
        assert "Zopiclone" not in page, "it was stopped"
        crisis = await printed(story, "crisis-view", name)
        assert "Ring the hospice line before an ambulance" in crisis
    for name in ("hilltop", "southern"):
        answer = await story.client(name).request("GET", f"{story.plan}/$shared-plan")
        assert answer.status_code == 404


async def test_the_month_ends_the_same_in_another_order_sent_twice_and_at_once(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-11-02T09:00+00:00")

    async def move(moment: str) -> None:
        moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
        assert moved.returncode == 0, moved.stderr

    stories = [
        FirstMonth(await new_area(http, system)),
        FirstMonth(await new_area(http, system), together=backwards, sender=ResendingClient),
        FirstMonth(await new_area(http, system), together=at_once, sender=ImpatientClient),
    ]
    for story in stories:
        await arrival.settle(story)
        await she_moves_in(story)
    for moment, happens in MONTH:
        await move(moment)
        for story in stories:
            await happens(story)
            await story.caught_up()
    await move("2020-11-30T10:00+00:00")
    first, *others = [await summary(story) for story in stories]
    what_a_user_looks_at(first)
    await who_reads_it(stories[0])
    for other in others:
        for name, told in first.items():
            assert other[name] == told, name
