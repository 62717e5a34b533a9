"""`$identify`: numbers by cohort, lists brought up to date, and everything that is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cohort_service.runs import identify
from cohort_service.selection import people_scope
from cohort_service.service import service
from tandem.database.connection import DatabaseUnavailable, StatementTimedOut
from tandem.fhir.body import decode
from tandem.service import Operation
from tandem.small_numbers import MASKED
from tandem_tests.identification_service import (
    AC,
    COMMISSIONER,
    NETWORK,
    OTHER,
    PRACTICE,
    SECOND,
    SMR,
    Cohorts,
    counts,
    definition,
    values,
)

DAY = date(2020, 6, 1)


@pytest.fixture
async def peopled(cohorts: Cohorts) -> Cohorts:
    """Six people: three of one practice, two of the second, one outside the network."""
    await cohorts.register("p1", PRACTICE, smr_polypharmacy=DAY, smr_severe_frailty=DAY)
    await cohorts.register("p2", PRACTICE, smr_polypharmacy=date(2020, 6, 20))
    await cohorts.register("p3", PRACTICE)
    await cohorts.register("o1", OTHER, smr_polypharmacy=DAY)
    await cohorts.register("q1", SECOND, smr_severe_frailty=DAY)
    await cohorts.register("q2", SECOND)
    return cohorts


async def identified(cohorts: Cohorts, by: str, *pairs: tuple[str, Any], operator: bool = False) -> dict[str, Any]:
    return await cohorts.ask(by, "Group/$identify", list(pairs), operator=operator)


async def refused(
    cohorts: Cohorts, status: int, by: str, *pairs: tuple[str, Any], operator: bool = False
) -> str:
    """The text of a refusal, after which nothing was kept."""
    answer = await cohorts.call(by, "Group/$identify", list(pairs), operator=operator)
    assert answer.status == status, answer.body
    assert await cohorts.count("identification_run") == 0
    assert await cohorts.count("group_member") == 0
    return " ".join(issue["details"]["text"] for issue in decode(answer.body)["issue"])


async def test_a_complete_run_counts_every_cohort_and_each_person_once(peopled: Cohorts) -> None:
    run = await identified(peopled, NETWORK, ("service", "SMR"))
    assert counts(run) == {**dict.fromkeys(SMR, 0), "smr-polypharmacy": 2, "smr-severe-frailty": 2}
    assert values(run, "people") == [3]
    assert values(run, "population") == [5]
    assert values(run, "asOf") == ["2020-07-01"]
    assert {each["definition"] for each in values(run, "cohort")} == {f"{cohort}@1" for cohort in SMR}
    assert await peopled.count("group_member") == 4, "the lists of those looked at stand"
    assert await peopled.count("identification_coverage") == 2


@pytest.mark.parametrize(
    ("by", "operator", "pairs", "people"),
    [
        (PRACTICE, False, (), 2),
        (PRACTICE, False, (("practice", PRACTICE),), 2),
        (NETWORK, False, (("practice", SECOND),), 1),
        (NETWORK, False, (("network", NETWORK),), 3),
        ("T0001", True, (), 4),
        ("T0001", True, (("practice", OTHER),), 1),
        ("T0001", True, (("network", NETWORK),), 3),
    ],
)
async def test_a_practice_runs_for_itself_a_network_for_its_practices_an_operator_for_all(
    peopled: Cohorts, by: str, operator: bool, pairs: tuple[tuple[str, str], ...], people: int
) -> None:
    run = await identified(peopled, by, ("service", "SMR"), ("dryRun", True), *pairs, operator=operator)
    assert values(run, "people") == [people]


@pytest.mark.parametrize("sparse", [0, 2], ids=["by a list", "by a range"])
@pytest.mark.parametrize("dry", [True, False])
async def test_people_are_counted_alike_by_a_list_and_by_a_range_with_others_in_it(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch, sparse: int, dry: bool
) -> None:
    monkeypatch.setattr(people_scope, "SPARSE", sparse)
    run = await identified(peopled, NETWORK, ("service", "SMR"), ("dryRun", dry))
    assert counts(run) == {**dict.fromkeys(SMR, 0), "smr-polypharmacy": 2, "smr-severe-frailty": 2}
    assert (values(run, "people"), values(run, "population")) == ([3], [5])


async def test_a_dry_run_adds_up_what_its_statements_counted(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identify, "COUNTED_AT_ONCE", 2)
    run = await identified(peopled, NETWORK, ("service", "SMR"), ("dryRun", True))
    assert counts(run) == {**dict.fromkeys(SMR, 0), "smr-polypharmacy": 2, "smr-severe-frailty": 2}
    assert (values(run, "people"), values(run, "population")) == ([3], [5])


@pytest.mark.parametrize(("sparse", "sizes"), [(2, [4, 1]), (0, [1] * 5)], ids=["by a range", "by a list"])
async def test_a_dry_run_takes_fewer_people_by_a_list(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch, sparse: int, sizes: list[int]
) -> None:
    counted, found = identify.counted, list[int]()

    async def noted(connection: Any, selection: Any, cohorts: Any, as_of: date, people: Any, stages: Any) -> Any:
        found.append(len(people))
        return await counted(connection, selection, cohorts, as_of, people, stages)

    monkeypatch.setattr(people_scope, "SPARSE", sparse)
    monkeypatch.setattr(identify, "COUNTED_AT_ONCE", 4)
    monkeypatch.setattr(identify, "CHUNK", 1)
    monkeypatch.setattr(identify, "counted", noted)
    run = await identified(peopled, NETWORK, ("service", "SMR"), ("dryRun", True))
    assert found == sizes
    assert counts(run) == {**dict.fromkeys(SMR, 0), "smr-polypharmacy": 2, "smr-severe-frailty": 2}


async def test_what_a_network_chose_is_told_to_it_and_to_no_other(peopled: Cohorts) -> None:
    await peopled.execute(
        "INSERT INTO organisation (id, code, kind, active) VALUES ('org-U2', 'U22222', 'network', 1)"
    )
    await peopled.join("U22222", OTHER)
    chosen = [("cohort", "smr-polypharmacy"), ("parameter", "times=2"), ("organisation", "U22222")]
    answer = await peopled.call("T0001", "Group/$choose", chosen, operator=True)
    assert answer.status == 201, answer.body

    def told(run: dict[str, Any]) -> str:
        return next(each["definition"] for each in values(run, "cohort") if each["cohort"] == "smr-polypharmacy")

    await identified(peopled, "T0001", ("service", "SMR"), operator=True)
    [everybody] = (await peopled.ask("T0001", "Group/$runs", operator=True))["parameter"]
    assert told(everybody) == "smr-polypharmacy@1; B00001: times=2"
    for by in (PRACTICE, NETWORK):
        own = (await peopled.ask(by, "Group/$runs"))["parameter"][0]
        assert told(own) == "smr-polypharmacy@1", by
        assert told(await identified(peopled, by, ("service", "SMR"), ("dryRun", True))) == "smr-polypharmacy@1"
    other = (await peopled.ask(OTHER, "Group/$runs"))["parameter"][0]
    assert told(other) == "smr-polypharmacy@1; B00001: times=2"


@pytest.mark.parametrize(
    ("by", "pairs"),
    [
        (PRACTICE, (("practice", SECOND),)),
        (PRACTICE, (("practice", "Z99999"),)),
        (PRACTICE, (("network", NETWORK),)),
        (NETWORK, (("practice", OTHER),)),
        (COMMISSIONER, ()),
        (COMMISSIONER, (("network", NETWORK),)),
        ("RXP", ()),
        ("RXP", (("practice", PRACTICE),)),
    ],
)
async def test_nobody_runs_for_another(peopled: Cohorts, by: str, pairs: tuple[tuple[str, str], ...]) -> None:
    await refused(peopled, 403, by, ("service", "SMR"), *pairs)


@pytest.mark.parametrize(
    ("status", "pairs"),
    [
        (400, (("practice", PRACTICE), ("network", NETWORK))),
        (400, (("asOf", "yesterday"),)),
        (400, (("asOf", "2020-06"),)),
        (400, (("dryRun", "perhaps"),)),
        (400, (("parameter", "smr-polypharmacy.times"), ("dryRun", True))),
        (400, (("parameter", "smr-polypharmacy.heads=2"), ("dryRun", True))),
        (400, (("colour", "blue"),)),
        (400, (("tool", "PINCER"),)),
        (422, (("tool", "PINCER"), ("toolVersion", "2"))),
        (422, (("asOf", "2020-07-02"),)),
        (422, (("cohort", "no-such-cohort"),)),
        (422, (("service", "XYZ"),)),
        (422, (("practice", "Z99999"),)),
        (422, (("network", PRACTICE),)),
        (422, (("parameter", "smr-polypharmacy.times=2"),)),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_kept(
    peopled: Cohorts, status: int, pairs: tuple[tuple[str, Any], ...]
) -> None:
    assert await refused(peopled, status, "T0001", *pairs, operator=True)


async def test_a_run_that_omits_a_required_cohort_is_refused_naming_it(peopled: Cohorts) -> None:
    considered = [("cohort", cohort) for cohort in SMR if cohort != "smr-severe-frailty"]
    text = await refused(peopled, 422, NETWORK, ("service", "SMR"), *considered)
    assert "smr-severe-frailty" in text
    assert "§2.7 bullet 7" in text
    trial = await identified(peopled, NETWORK, ("service", "SMR"), ("dryRun", True), *considered)
    assert len(counts(trial)) == 7


@pytest.mark.parametrize(
    "pairs", [(("dryRun", True),), (("asOf", "2020-06-10"),), (("asOf", "2020-06-10"), ("dryRun", True))]
)
async def test_a_trial_and_a_run_of_another_day_change_nothing(
    peopled: Cohorts, pairs: tuple[tuple[str, Any], ...]
) -> None:
    before = [await peopled.count(table) for table in ("group_member", "log", "due", "cohort_group")]
    run = await identified(peopled, NETWORK, ("service", "SMR"), *pairs)
    assert [await peopled.count(table) for table in ("group_member", "log", "due", "cohort_group")] == before
    assert await peopled.count("identification_coverage") == 0
    assert counts(run)["smr-polypharmacy"] == (1 if dict(pairs).get("asOf") else 2), "as of the day"


async def test_a_threshold_is_tried_and_not_adopted(peopled: Cohorts) -> None:
    await peopled.records("p1", "smr-polypharmacy", DAY)
    tried = (("service", "SMR"), ("dryRun", True), ("parameter", "smr-polypharmacy.times=2"))
    run = await identified(peopled, NETWORK, *tried)
    assert counts(run)["smr-polypharmacy"] == 1
    assert values(run, "parameter") == ["smr-polypharmacy.times=2"]
    assert counts(await identified(peopled, NETWORK, ("service", "SMR")))["smr-polypharmacy"] == 2


async def test_single_cohorts_are_counted_without_a_service_and_meet_no_duty(peopled: Cohorts) -> None:
    run = await identified(peopled, PRACTICE, ("cohort", "smr-polypharmacy"))
    assert counts(run) == {"smr-polypharmacy": 2}
    assert await peopled.count("identification_coverage") == 0
    everything = await identified(peopled, PRACTICE)
    assert set(counts(everything)) == {*SMR, *AC}


async def test_the_history_shows_the_definitions_that_each_run_used(peopled: Cohorts) -> None:
    await identified(peopled, NETWORK, ("service", "SMR"))
    await peopled.install(definition("smr-polypharmacy", "SMR", "2"))
    peopled.clock.set(datetime(2020, 7, 2, 8, tzinfo=UTC))
    await identified(peopled, NETWORK, ("service", "SMR"))
    history = await peopled.ask(NETWORK, "Group/$runs?service=SMR")
    used = [
        next(part["valueString"] for part in cohort["part"] if part["name"] == "definition")
        for run in history["parameter"] for cohort in run["part"]
        if cohort["name"] == "cohort" and cohort["part"][0]["valueCode"] == "smr-polypharmacy"
    ]  # fmt: skip
    assert used == ["smr-polypharmacy@2", "smr-polypharmacy@1"]


async def test_each_sees_its_own_part_of_the_history(peopled: Cohorts) -> None:
    await identified(peopled, NETWORK, ("service", "SMR"))
    await identified(peopled, PRACTICE, ("service", "SMR"), ("dryRun", True))
    seen = {}
    for by in (PRACTICE, SECOND, NETWORK, OTHER):
        history = await peopled.ask(by, "Group/$runs")
        seen[by] = sorted(value["people"] for value in values(history, "run"))
    assert seen == {PRACTICE: [2, 2], SECOND: [1], NETWORK: [2, 3], OTHER: []}
    figures = values(await peopled.ask(COMMISSIONER, f"Group/$runs?network={NETWORK}"), "run")
    assert [each["people"] for each in figures] == [{"extension": [MASKED]}], "no dry run, and no small number"
    assert "askedBy" not in figures[0]
    for by, query in ((PRACTICE, f"practice={SECOND}"), (SECOND, f"network={NETWORK}"), (OTHER, f"practice={PRACTICE}"),
                      ("RXP", f"practice={PRACTICE}"), (COMMISSIONER, f"practice={OTHER}")):  # fmt: skip
        assert (await peopled.call(by, f"Group/$runs?{query}")).status == 404
    assert (await peopled.call(COMMISSIONER, "Group/$runs")).status == 400


async def run_asynchronously(cohorts: Cohorts) -> str:
    answer = await cohorts.call(NETWORK, "Group/$identify", [("service", "SMR")], prefer="respond-async")
    assert answer.status == 202
    return answer.headers["Content-Location"].partition("?")[2]


async def test_a_long_run_tells_how_far_it_is_and_can_be_cancelled(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identify, "CHUNK", 2)
    query = await run_asynchronously(peopled)
    told: list[str] = []
    count = identify.counted

    async def cancelling(*args: Any) -> Any:
        answer = await peopled.call(NETWORK, f"$job?{query}")
        told.append(answer.headers["X-Progress"])
        if len(told) == 2:
            # Asked for while the second chunk is under way, on a connection of its own.
            cancelled.append(True)
        return await count(*args)

    cancelled: list[bool] = []
    keep = identify.keep

    async def keeping(job: Any, progress: Any) -> None:
        if cancelled:
            caller = await peopled.rows("SELECT id FROM job")
            await peopled.execute("UPDATE job SET cancelled = 1 WHERE id = $1", caller[0]["id"])
        await keep(job, progress)

    monkeypatch.setattr(identify, "counted", cancelling)
    monkeypatch.setattr(identify, "keep", keeping)
    assert await peopled.jobs().run_one()
    assert told == ["0 of 5", "2 of 5"]
    assert (await peopled.call(NETWORK, f"$job?{query}")).status == 404
    assert await peopled.count("identification_run") == 0
    assert await peopled.count("identification_coverage") == 0


@pytest.mark.parametrize("fails_at", [1, 2, 3])
async def test_a_run_that_is_broken_off_goes_on_and_gives_the_same(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    monkeypatch.setattr(identify, "CHUNK", 2)
    query = await run_asynchronously(peopled)
    evaluate, calls = identify.evaluate_people, [0]

    async def failing(work: Any, people: Any) -> None:
        await evaluate(work, people)
        calls[0] += 1
        if calls[0] == fails_at:
            raise DatabaseUnavailable("the server is restarted")

    monkeypatch.setattr(identify, "evaluate_people", failing)
    later = [0]
    runner = peopled.jobs(now=lambda: later[0])
    assert await runner.run_one()
    later[0] = 3_600_000_000
    assert await peopled.jobs("another", now=lambda: later[0]).run_one()
    answer = await peopled.call(NETWORK, f"$job?{query}")
    assert answer.status == 200, answer.body
    run = decode(answer.body)
    assert counts(run) == {**dict.fromkeys(SMR, 0), "smr-polypharmacy": 2, "smr-severe-frailty": 2}
    assert (values(run, "people"), values(run, "population")) == ([3], [5])
    assert await peopled.count("group_member") == 4
    assert await peopled.count("identification_run") == 1
    assert calls[0] == 4, "what was committed is not done again"


@pytest.mark.parametrize("dry", [True, False])
async def test_what_takes_the_database_too_long_is_asked_of_fewer_people(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch, dry: bool
) -> None:
    monkeypatch.setattr(identify, "COUNTED_AT_ONCE", 10)
    monkeypatch.setattr(identify, "CHUNK", 10)
    monkeypatch.setattr(identify, "FEWEST", 1)
    counted, asked = identify.counted, list[int]()

    async def slow(connection: Any, selection: Any, cohorts: Any, as_of: date, people: Any, stages: Any) -> Any:
        asked.append(len(people))
        if len(people) > 2:
            raise StatementTimedOut("too long")
        return await counted(connection, selection, cohorts, as_of, people, stages)

    monkeypatch.setattr(identify, "counted", slow)
    run = await identified(peopled, NETWORK, ("service", "SMR"), ("dryRun", dry))
    assert asked == [5, 2, 2, 1]
    assert counts(run) == {**dict.fromkeys(SMR, 0), "smr-polypharmacy": 2, "smr-severe-frailty": 2}
    assert (values(run, "people"), values(run, "population")) == ([3], [5])
    assert await peopled.count("group_member") == (0 if dry else 4)


async def test_a_run_whose_statements_are_always_too_long_fails_plainly(
    peopled: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = await run_asynchronously(peopled)
    times = [0]

    async def endless(*_: Any) -> Any:
        times[0] += 1
        raise StatementTimedOut("too long")

    monkeypatch.setattr(identify, "FEWEST", identify.CHUNK)
    monkeypatch.setattr(identify, "counted", endless)
    later = [0]
    runner = peopled.jobs(now=lambda: later[0])
    while await runner.run_one():
        later[0] += 3_600_000_000
    answer = await peopled.call(NETWORK, f"$job?{query}")
    assert (answer.status, decode(answer.body)["issue"][0]["code"]) == (400, "too-costly")
    assert times[0] == 5
    assert await peopled.count("identification_run") == 0


async def test_numbers_of_two_versions_are_not_added_up(peopled: Cohorts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identify, "CHUNK", 2)
    query = await run_asynchronously(peopled)
    evaluate, calls = identify.evaluate_people, [0]

    async def failing(work: Any, people: Any) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise DatabaseUnavailable("the server is restarted")
        await evaluate(work, people)

    monkeypatch.setattr(identify, "evaluate_people", failing)
    later = [0]
    await peopled.jobs(now=lambda: later[0]).run_one()
    await peopled.install(definition("smr-polypharmacy", "SMR", "2", value_set="smr-severe-frailty"))
    later[0] = 3_600_000_000
    await peopled.jobs("another", now=lambda: later[0]).run_one()
    run = decode((await peopled.call(NETWORK, f"$job?{query}")).body)
    assert counts(run)["smr-polypharmacy"] == 2
    assert values(run, "population") == [5]


def test_every_operation_of_runs_that_writes_is_a_post() -> None:
    names = {"identify", "offer", "register-tool", "import-audit", "standard-approach"}
    found: dict[str, Operation] = {each.name: each for each in service.operations}
    assert all(found[name].writes for name in names)
