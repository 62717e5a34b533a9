"""Segmentation, stratification and judgement; the priority list with tiers, reasons and offers; whose approach."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cohort_service.domain.identification_stages import decision_of
from cohort_service.domain.judgement import InForce, Judgement
from cohort_service.lists.judgement_rows import keep_judgement
from cohort_service.runs import identify
from cohort_service.runs.duty_timers import DUE, OVERDUE
from cohort_service.selection import people_scope
from tandem.canonical import AFFILIATION_ROLE, ODS_CODE, ORGANISATION_TYPE
from tandem.database.connection import DatabaseUnavailable
from tandem.fhir.body import decode
from tandem.small_numbers import MASKED
from tandem_tests.identification_service import (
    COMMISSIONER,
    NETWORK,
    OTHER,
    PRACTICE,
    SECOND,
    Cohorts,
    definition,
    values,
)

DAY = date(2020, 6, 1)


def _named(code: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": {"system": ODS_CODE, "value": code}}


def member_of(holder: str, member: str) -> dict[str, Any]:
    """The membership of an organisation in another."""
    return {
        "resourceType": "OrganizationAffiliation", "active": True, "organization": _named(holder),
        "participatingOrganization": _named(member),
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
    }  # fmt: skip


def organisation(code: str, kind: str) -> dict[str, Any]:
    """An Organization of a kind."""
    return {
        "resourceType": "Organization", "active": True, "name": kind, "identifier": [_named(code)["identifier"]],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
    }  # fmt: skip


@pytest.fixture
async def peopled(cohorts: Cohorts) -> Cohorts:
    """p1 is in both stages with most points, p2 and q1 in both, p3 in a segment only, p4 at risk outside a segment."""
    await cohorts.register("p1", PRACTICE, anticipatory_care=DAY, rising_risk=DAY, fell=DAY)
    await cohorts.register("p2", PRACTICE, anticipatory_care=DAY, rising_risk=DAY)
    await cohorts.register("p3", PRACTICE, anticipatory_care=DAY)
    await cohorts.register("p4", PRACTICE, rising_risk=DAY)
    await cohorts.register("o1", OTHER, anticipatory_care=DAY, rising_risk=DAY)
    await cohorts.register("q1", SECOND, anticipatory_care=DAY, predicted_substantial_change=DAY)
    return cohorts


async def ac_run(cohorts: Cohorts, by: str = NETWORK, *pairs: tuple[str, Any]) -> dict[str, Any]:
    return await cohorts.ask(by, "Group/$identify", [("service", "AC"), *pairs])


async def judge(cohorts: Cohorts, patient: str, decision: Any, number: int = 1) -> None:
    judgement = Judgement(number, decision, "Seen at the meeting", "Practitioner/1", PRACTICE, 1)
    async with cohorts.database.transaction() as connection:
        await keep_judgement(connection, "anticipatory-care", patient, judgement)


async def shown_stages(cohorts: Cohorts, run: str, by: str = NETWORK) -> tuple[dict[str, Any], list[Any]]:
    told = await cohorts.ask(by, f"Group/$stages?run={run}")
    stages = {each.pop("stage"): each for each in values(told, "stage")}
    return stages, values(told, "decision")


@pytest.mark.parametrize("sparse", [0, 2], ids=["by a list", "by a range with others in it"])
async def test_each_stage_narrows_and_who_is_not_judged_stays_provisional(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch, sparse: int
) -> None:
    monkeypatch.setattr(people_scope, "SPARSE", sparse)
    run = values(await ac_run(peopled), "run")[0]
    stages, decisions = await shown_stages(peopled, run)
    assert stages == {
        "population": {"count": 5}, "segmentation": {"count": 4}, "stratification": {"count": 3},
        "judgement": {"amenable": 0, "not-amenable": 0, "provisional": 3},
    }  # fmt: skip
    assert decisions == []
    await judge(peopled, "p1", "amenable")
    await judge(peopled, "q1", "not-amenable")
    await judge(peopled, "p3", "amenable")
    stages, decisions = await shown_stages(peopled, run)
    assert stages["judgement"] == {"amenable": 1, "not-amenable": 1, "provisional": 1}
    found = {each["patient"]["reference"]: (each["decision"], each["judgement"]["reason"]) for each in decisions}
    assert found == {
        "Patient/p1": ("amenable", "Seen at the meeting"), "Patient/q1": ("not-amenable", "Seen at the meeting"),
    }  # fmt: skip
    own, decisions = await shown_stages(peopled, run, SECOND)
    assert own["stratification"] == {"count": 1}
    assert [each["patient"]["reference"] for each in decisions] == ["Patient/q1"]
    figures, nobody = await shown_stages(peopled, run, COMMISSIONER)
    assert nobody == []
    masked = {"extension": [MASKED]}
    assert figures["judgement"] == {"amenable": masked, "not-amenable": masked, "provisional": masked}
    assert (await peopled.call(OTHER, f"Group/$stages?run={run}")).status == 404


async def test_the_highest_tier_is_listed_with_reasons_and_offers(peopled: Cohorts) -> None:
    run = values(await ac_run(peopled), "run")[0]
    for kind, text in (("physical-health", "Falls class"), ("mental-health", "Talking therapy")):
        await peopled.ask(PRACTICE, "Group/$offer", [("patient", "Patient/p1"), ("kind", kind), ("text", text)])
    told = await peopled.ask(NETWORK, f"Group/$priority-list?run={run}&tier=highest")
    assert values(told, "date") == ["2020-07-01"]
    [person] = [each for each in told["parameter"] if each["name"] == "person"]
    assert values(person, "patient")[0]["reference"] == "Patient/p1"
    assert values(person, "tier") == ["highest"]
    assert {each["cohort"] for each in values(person, "reason")} == {"anticipatory-care", "rising-risk"}
    assert {(each["kind"], each["date"]) for each in values(person, "offer")} == {
        ("physical-health", "2020-07-01"), ("mental-health", "2020-07-01"),
    }  # fmt: skip
    everyone = await peopled.ask(NETWORK, f"Group/$priority-list?run={run}")
    assert [each["patient"]["reference"] for each in values(everyone, "person")] == [
        "Patient/p1", "Patient/p2", "Patient/q1",
    ]  # fmt: skip
    paged = await peopled.ask(NETWORK, f"Group/$priority-list?run={run}&_count=1&_offset=1")
    assert [each["patient"]["reference"] for each in values(paged, "person")] == ["Patient/p2"]
    own = await peopled.ask(SECOND, f"Group/$priority-list?run={run}")
    assert [each["patient"]["reference"] for each in values(own, "person")] == ["Patient/q1"]
    assert (await peopled.call(COMMISSIONER, f"Group/$priority-list?run={run}")).status == 403
    assert (await peopled.call(OTHER, f"Group/$priority-list?run={run}")).status == 404


@pytest.mark.parametrize(
    ("status", "by", "pairs"),
    [
        (400, PRACTICE, (("patient", "p1"), ("kind", "dental"), ("text", "x"))),
        (400, PRACTICE, (("patient", "p1"), ("kind", "mental-health"))),
        (400, PRACTICE, (("kind", "mental-health"), ("text", "x"))),
        (422, PRACTICE, (("patient", "p1"), ("kind", "mental-health"), ("text", "x"), ("date", "2020-07-02"))),
        (404, PRACTICE, (("patient", "q1"), ("kind", "mental-health"), ("text", "x"))),
        (404, PRACTICE, (("patient", "nobody"), ("kind", "mental-health"), ("text", "x"))),
    ],
)
async def test_an_offer_needs_a_person_in_care_and_a_kind(
    peopled: Cohorts, status: int, by: str, pairs: tuple[tuple[str, Any], ...]
) -> None:
    assert (await peopled.call(by, "Group/$offer", list(pairs))).status == status
    assert await peopled.count("support_offer") == 0


async def test_a_dry_run_makes_no_list(peopled: Cohorts) -> None:
    run = values(await ac_run(peopled, NETWORK, ("dryRun", True)), "run")[0]
    assert await peopled.count("identification_run_person") == 0
    assert (await peopled.call(NETWORK, f"Group/$priority-list?run={run}")).status == 422
    assert (await peopled.call(NETWORK, "Group/$priority-list?run=none")).status == 404
    assert (await peopled.call(NETWORK, "Group/$priority-list")).status == 400


async def test_the_commissioners_standard_approach_goes_before_the_local_one(peopled: Cohorts) -> None:
    assert values(await ac_run(peopled), "approach") == ["local"]
    await peopled.ask(COMMISSIONER, "Group/$standard-approach", [("cohort", "predicted-substantial-change")])
    run = await ac_run(peopled)
    assert values(run, "approach") == [f"standard {COMMISSIONER}"]
    listed = await peopled.ask(NETWORK, f"Group/$priority-list?run={values(run, 'run')[0]}")
    assert [each["patient"]["reference"] for each in values(listed, "person")] == ["Patient/q1"]
    assert values(await ac_run(peopled, OTHER), "approach") == ["local"], "outside its area"
    mixed = await peopled.call("T0001", "Group/$identify", [("service", "AC")], operator=True)
    assert mixed.status == 422
    await peopled.ask(COMMISSIONER, "Group/$standard-approach", [("service", "AC")])
    assert values(await ac_run(peopled), "approach") == ["local"], "taken back"
    for status, by, pairs in (
        (403, NETWORK, (("cohort", "rising-risk"),)),
        (403, COMMISSIONER, (("cohort", "rising-risk"), ("commissioner", "QQ2"))),
        (422, COMMISSIONER, (("cohort", "no-such"),)),
        (422, COMMISSIONER, (("cohort", "rising-risk"), ("from", "2020-06-30"))),
        (400, COMMISSIONER, (("cohort", "rising-risk"), ("service", "SMR"))),
    ):
        assert (await peopled.call(by, "Group/$standard-approach", list(pairs))).status == status


async def duty_of(cohorts: Cohorts, service: str, by: str = NETWORK) -> dict[str, Any]:
    [told] = values(await cohorts.ask(by, f"Group/$duty?service={service}"), "duty")
    found: dict[str, Any] = told
    return found


async def test_a_missing_priority_list_is_flagged_after_the_end_of_june(peopled: Cohorts) -> None:
    assert (await duty_of(peopled, "AC"))["overdue"] is True
    await ac_run(peopled, NETWORK, ("practice", PRACTICE))
    assert (await duty_of(peopled, "AC"))["overdue"] is True, "one practice of two"
    assert (await duty_of(peopled, "AC", PRACTICE))["overdue"] is False
    await ac_run(peopled)
    after = await duty_of(peopled, "AC")
    assert (after["overdue"], after["last"]) == (False, "2020-07-01")
    assert "nextDue" not in after


async def fired(cohorts: Cohorts, kind: str) -> list[dict[str, Any]]:
    """Fire what is due; answers what was said of the kind so far, but for the list that is owed since June."""
    await cohorts.fire_due()
    said = await cohorts.rows("SELECT body FROM log WHERE kind = $1 ORDER BY id", kind)
    return [each for row in said if (each := decode(bytes(row["body"])))["service"] == "SMR"]


async def test_what_falls_due_is_said_once_before_and_once_at_the_breach(peopled: Cohorts) -> None:
    smr = [("service", "SMR")]
    await peopled.ask(NETWORK, "Group/$identify", smr)
    await ac_run(peopled)
    assert await fired(peopled, DUE) == []
    peopled.clock.set(datetime(2020, 12, 2, 0, tzinfo=UTC))
    assert [(each["service"], each["due"]) for each in await fired(peopled, DUE)] == [("SMR", "2021-01-01")]
    assert await fired(peopled, OVERDUE) == []
    peopled.clock.set(datetime(2021, 1, 2, 0, 0, 1, tzinfo=UTC))
    assert (await duty_of(peopled, "SMR"))["overdue"] is True
    [breach] = await fired(peopled, OVERDUE)
    assert breach == {
        "service": "SMR", "network": NETWORK, "source": "000 §2.15 b2", "due": "2021-01-01", "last": "2020-07-01",
        "practices": [PRACTICE, SECOND],
    }  # fmt: skip
    await peopled.ask(NETWORK, "Group/$identify", [*smr, ("practice", PRACTICE)])
    assert (await duty_of(peopled, "SMR"))["overdue"] is True, "a run of one practice clears that practice"
    assert (await duty_of(peopled, "SMR", PRACTICE))["overdue"] is False
    await peopled.ask(NETWORK, "Group/$identify", smr)
    after = await duty_of(peopled, "SMR")
    assert (after["overdue"], after["nextDue"], after["last"]) == (False, "2021-07-02", "2021-01-02")
    assert len(await fired(peopled, OVERDUE)) == 1
    gaps = values(await peopled.ask(NETWORK, "Group/$duty?service=SMR"), "duty")
    assert gaps[0]["practice"]["gap"] == {"start": "2020-07-01", "end": "2021-01-02"}


async def test_nobody_sees_the_duty_of_another(peopled: Cohorts) -> None:
    for by, query in ((PRACTICE, f"practice={SECOND}"), (OTHER, f"network={NETWORK}"), ("RXP", f"network={NETWORK}")):
        assert (await peopled.call(by, f"Group/$duty?{query}")).status == 404
    assert (await peopled.call(COMMISSIONER, f"Group/$duty?network={NETWORK}")).status == 200
    assert (await peopled.call("T0001", "Group/$duty", operator=True)).status == 400
    assert (await peopled.call(NETWORK, "Group/$duty?service=XYZ")).status == 400


async def test_a_new_definition_stratifies_the_next_run(peopled: Cohorts) -> None:
    await peopled.install(definition("rising-risk", "AC", "2", value_set="fell"))
    run = values(await ac_run(peopled), "run")[0]
    stages, _ = await shown_stages(peopled, run)
    assert stages["stratification"] == {"count": 2}


async def test_a_run_that_begins_again_lists_by_the_new_definition_alone(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identify, "CHUNK", 2)
    answer = await peopled.call(NETWORK, "Group/$identify", [("service", "AC")], prefer="respond-async")
    evaluate, calls = identify.evaluate_people, [0]

    async def failing(work: Any, people: Any) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise DatabaseUnavailable("the server is restarted")
        await evaluate(work, people)

    monkeypatch.setattr(identify, "evaluate_people", failing)
    later = [0]
    await peopled.jobs(now=lambda: later[0]).run_one()
    assert await peopled.count("identification_run_person") == 2
    await peopled.install(definition("rising-risk", "AC", "2", value_set="fell"))
    later[0] = 3_600_000_000
    await peopled.jobs("another", now=lambda: later[0]).run_one()
    done = await peopled.call(NETWORK, f"$job?{answer.headers['Content-Location'].partition('?')[2]}")
    run = values(decode(done.body), "run")[0]
    listed = values(await peopled.ask(NETWORK, f"Group/$priority-list?run={run}"), "person")
    assert [each["patient"]["reference"] for each in listed] == ["Patient/p1", "Patient/q1"]
    again = values(await ac_run(peopled), "run")[0]
    assert again != run
    assert (await shown_stages(peopled, again))[0] == (await shown_stages(peopled, run))[0]


async def test_a_network_is_told_whatever_is_entered_first(cohorts: Cohorts) -> None:
    rows = await cohorts.rows("SELECT key FROM due WHERE kind = $1", OVERDUE)
    assert rows == []
    for resource in (
        member_of(NETWORK, PRACTICE), member_of(COMMISSIONER, PRACTICE), organisation("U22222", "network"),
    ):  # fmt: skip
        answer = await cohorts.call("T0001", resource["resourceType"], resource, operator=True)
        assert answer.status == 201, answer.body
    rows = await cohorts.rows("SELECT key FROM due WHERE kind = $1 ORDER BY key", OVERDUE)
    assert [row["key"] for row in rows] == [f"AC/{NETWORK}", f"SMR/{NETWORK}"], "a commissioner owes nothing"


def test_a_word_against_goes_before_a_word_for() -> None:
    def word(decision: Any) -> Judgement:
        return Judgement(1, decision, "", "", "", 1)

    adds, against = InForce(membership=word("add")), InForce(priority=word("not-amenable"))
    assert decision_of([]) == decision_of([InForce()]) == "provisional"
    assert decision_of([InForce(), adds]) == decision_of([InForce(priority=word("amenable"))]) == "amenable"
    assert decision_of([adds, against]) == decision_of([InForce(membership=word("remove"))]) == "not-amenable"
