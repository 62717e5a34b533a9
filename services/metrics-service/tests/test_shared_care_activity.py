"""The populations of shared-care-activity, each shown by what it counts and what it does not."""

from __future__ import annotations

from datetime import date

import pytest

from metrics_service.domain.shared_care_activity import POPULATIONS, definition
from metrics_service.measures.shipped import definitions
from tandem.clock import to_instant
from tandem.fhir.body import decode
from tandem.fhir.validation import validator
from tandem.nhs.working_days import add_days, end_of_london_day, start_of_london_day

JULY = ("2020-07-01", "2020-07-31")
SEEN = "2020-07-10T10:00:00+00:00"


@pytest.fixture
async def practice(metrics):
    """A practice of a network, with two people; and another practice with one."""
    for code, kind in (("A81001", "practice"), ("A81002", "practice"), ("U10001", "network")):
        await metrics.organisation(code, kind)
    await metrics.member("U10001", "A81001")
    await metrics.member("U10001", "A81002")
    for identity, code in (("p", "A81001"), ("q", "A81001"), ("r", "A81002")):
        await metrics.patient(identity, code)
    return metrics


def test_the_definition_is_valid_and_names_what_is_counted():
    assert validator().validate(definition()) == []
    codes = [each["code"]["coding"][0]["code"] for each in definition()["group"][0]["population"]]
    assert codes == [population.code for population in POPULATIONS]


async def test_each_measure_is_seeded_once(metrics):
    await metrics.seed()
    rows = await metrics.rows("SELECT id, version FROM resource WHERE type = 'Measure'")
    assert {row["id"] for row in rows} == {"shared-care-activity", *definitions()}
    assert {row["version"] for row in rows} == {1}


async def test_nothing_known_counts_nothing(practice):
    assert set((await practice.figures("A81001", *JULY)).values()) == {0}


def clock_started(events, residency, patient, revision=1, admitted="2020-07-03", **more):
    day = date.fromisoformat(admitted)
    data = {
        "kind": "agreed-within-seven-days", "cause": residency, "revision": revision,
        "starts": to_instant(start_of_london_day(day)), "due": to_instant(end_of_london_day(add_days(day, 7))), **more,
    }  # fmt: skip
    return events.fact("tandem.clock.started", SEEN, patient, **data)


def clock_stopped(events, residency, patient, stopped, admitted="2020-07-03", **more):
    due = to_instant(end_of_london_day(add_days(date.fromisoformat(admitted), 7)))
    data = {
        "kind": "agreed-within-seven-days", "cause": residency, "revision": 2, "due": due, "stopped": stopped, **more,
    }  # fmt: skip
    return events.fact("tandem.clock.stopped", SEEN, patient, **data)


@pytest.mark.parametrize(("admitted", "stopped", "in_time"), [
    ("2020-07-03", "2020-07-10T22:59:59.999Z", 1),
    ("2020-07-03", "2020-07-10T23:00:00Z", 0),
    ("2020-07-02", "2020-07-10T10:00:00Z", 0),
    ("2020-06-20", "2020-06-24T10:00:00Z", 0),
])  # fmt: skip
@pytest.mark.parametrize("reverse", [False, True])
async def test_in_time_is_until_the_admissions_clock_is_due(practice, events, admitted, stopped, in_time, reverse):
    said = [
        clock_started(events, "stay", "p", admitted=admitted), clock_stopped(events, "stay", "p", stopped, admitted),
    ]  # fmt: skip
    await practice.take(*(reversed(said) if reverse else said))
    assert (await practice.figures("A81001", *JULY))["plans-agreed-within-seven-days"] == in_time


async def test_a_plan_created_late_has_no_longer(practice, events):
    """Seven days run from the admission, not from when somebody made the plan."""
    created = {"created": "2020-07-09"}
    await practice.take(
        clock_started(events, "stay", "p", admitted="2020-07-01"),
        events.plan("c", 1, "2020-07-09T10:00:00+00:00", "p", status="draft", **created),
        events.plan("c", 2, "2020-07-10T10:00:00+00:00", "p", status="active", **created),
        clock_stopped(events, "stay", "p", "2020-07-10T10:00:00Z", admitted="2020-07-01"),
    )
    counted = await practice.figures("A81001", *JULY)
    assert (counted["plans-agreed"], counted["plans-agreed-within-seven-days"]) == (1, 0)


async def test_an_admission_that_turns_out_to_be_earlier_was_due_earlier(practice, events):
    await practice.take(
        clock_started(events, "stay", "p", revision=3, admitted="2020-07-01"),
        clock_stopped(events, "stay", "p", "2020-07-10T10:00:00Z"),
        clock_started(events, "stay", "p", revision=1, admitted="2020-07-03"),
    )
    assert (await practice.figures("A81001", *JULY))["plans-agreed-within-seven-days"] == 0
    await practice.take(clock_started(events, "stay", "p", revision=4, admitted="2020-07-03"))
    assert (await practice.figures("A81001", *JULY))["plans-agreed-within-seven-days"] == 1


async def test_a_running_clock_and_one_of_another_kind_are_not_counted(practice, events):
    other = {"kind": "community-input-within-seven-working-days"}
    await practice.take(
        clock_started(events, "running", "p"),
        clock_started(events, "other", "q", **other),
        clock_stopped(events, "other", "q", "2020-07-04T10:00:00Z", **other),
    )
    assert (await practice.figures("A81001", *JULY))["plans-agreed-within-seven-days"] == 0


async def test_only_shared_plans_that_stand_are_counted(practice, events):
    await practice.take(
        events.plan("record", 1, SEEN, "p", shared=False, status="active"),
        events.plan("mistake", 1, SEEN, "p", status="active"),
        events.plan("mistake", 2, SEEN, "p", status="entered-in-error"),
        events.plan("gone", 1, SEEN, "p", status="active"),
        events.resource("CarePlan", "gone", 2, SEEN, "p", deleted=True),
        events.plan("elsewhere", 1, SEEN, "r", status="active"),
    )
    assert (await practice.figures("A81001", *JULY))["plans-agreed"] == 0
    assert (await practice.figures("U10001", *JULY))["plans-agreed"] == 1


async def test_a_later_edit_does_not_agree_a_plan_again(practice, events):
    await practice.take(
        events.plan("c", 1, "2020-06-10T10:00:00+00:00", "p", status="active"),
        events.plan("c", 2, SEEN, "p", status="active", title="edited"),
    )
    assert (await practice.figures("A81001", *JULY))["plans-agreed"] == 0
    assert (await practice.figures("A81001", "2020-06-01", "2020-06-30"))["plans-agreed"] == 1


async def test_actions_are_counted_each_and_by_their_own_dates(practice, events):
    done = {"status": "completed", "executionPeriod": {"end": "2020-06-30"}}
    await practice.take(
        events.resource("Task", "a", 1, SEEN, "p", status="requested"),
        events.resource("Task", "a", 2, SEEN, "p", status="completed"),
        events.resource("Task", "b", 1, SEEN, "p", status="completed"),
        events.resource("Task", "loaded", 1, SEEN, "p", authoredOn="2020-06-01", **done),
        events.resource("Task", "nobody", 1, SEEN, None, status="completed"),
        events.resource("Task", "void", 1, SEEN, "p", status="entered-in-error"),
    )
    july = await practice.figures("A81001", *JULY)
    june = await practice.figures("A81001", "2020-06", "2020-06")
    assert (july["actions-opened"], july["actions-completed"]) == (2, 2)
    assert (june["actions-opened"], june["actions-completed"]) == (1, 1)


async def test_referrals(practice, events):
    await practice.take(
        events.resource("ServiceRequest", "a", 1, SEEN, "p", status="active", authoredOn="2020-06-30T23:30:00Z"),
        events.resource("ServiceRequest", "a", 2, SEEN, "p", status="completed", authoredOn="2020-06-30T23:30:00Z"),
        events.resource("ServiceRequest", "b", 1, SEEN, "q", status="revoked"),
        events.resource("ServiceRequest", "draft", 1, SEEN, "q", status="draft"),
    )
    july = await practice.figures("A81001", *JULY)
    assert (july["referrals-opened"], july["referrals-closed"]) == (2, 2)


async def test_medicines_stand_at_the_end_of_the_period(practice, events):
    def medicine(identity, status="active", **period):
        return events.resource("MedicationStatement", identity, 1, SEEN, "p", status=status, effectivePeriod=period)

    await practice.take(
        medicine("now", start="2020-07-05"),
        medicine("to-the-last-day", start="2020-01-01", end="2020-07-20"),
        medicine("stopped", "stopped", start="2020-01-01"),
        medicine("later", start="2020-08-01"),
    )
    assert (await practice.figures("A81001", *JULY))["medicines-current"] == 1
    assert (await practice.figures("A81001", "2020-07-01", "2020-07-20"))["medicines-current"] == 2
    assert (await practice.figures("A81001", "2020-07-01", "2020-07-04"))["medicines-current"] == 1
    assert (await practice.figures("A81001", "2020-07-01", "2030-12-31"))["medicines-current"] == 1, "as of today"


async def test_residents_are_people_each_once(practice, events):
    def said(word, residency, revision, patient, cohort="care-home-residents", **days):
        return events.fact(
            f"tandem.cohort.{word}", SEEN, patient, cohort=cohort, residency=residency, revision=revision, **days
        )

    await practice.take(
        said("entered", "first", 1, "p", since="2020-05-01"),
        said("left", "first", 2, "p", until="2020-07-06"),
        said("entered", "second", 1, "p", since="2020-07-03"),
        said("left", "away", 2, "q", until="2020-07-06"),
        said("entered", "away", 1, "q", since="2020-05-01"),
        said("entered", "other", 1, "q", cohort="somebody", since="2020-05-01"),
    )
    assert (await practice.figures("A81001", *JULY))["care-home-residents"] == 1
    assert (await practice.figures("A81001", "2020-07-01", "2020-07-05"))["care-home-residents"] == 2
    assert (await practice.figures("A81001", "2020-07-01", "2020-07-06"))["care-home-residents"] == 1
    kept = await practice.rows("SELECT id FROM fact WHERE category = 'somebody'")
    assert kept == [], "a stay that no measure counts is not kept"


async def test_breached_clocks_count_in_the_period_they_fell_due_in(practice, events):
    due = {"kind": "agreed-within-seven-days", "cause": "stay", "due": "2020-06-30T22:59:59.999Z"}
    breach = events.fact("tandem.clock.breached", "2020-07-01T08:00:00+00:00", "p", revision=1, **due)
    await practice.take(breach, breach)
    assert (await practice.figures("A81001", *JULY))["clocks-breached"] == 0
    assert (await practice.figures("A81001", "2020-06-01", "2020-06-30"))["clocks-breached"] == 1


@pytest.mark.parametrize("reverse", [False, True])
async def test_a_breach_that_was_taken_back_counts_no_more(practice, events, reverse):
    due = {"kind": "agreed-within-seven-days", "cause": "stay", "due": "2020-07-08T22:59:59.999Z"}
    later = {**due, "due": "2020-07-12T22:59:59.999Z"}
    said = [
        events.fact("tandem.clock.breached", "2020-07-08T23:00:00+00:00", "p", revision=1, **due),
        events.fact("tandem.clock.breach-withdrawn", "2020-07-09T08:00:00+00:00", "p", revision=2, **due),
        events.fact("tandem.clock.breached", "2020-07-12T23:00:00+00:00", "p", revision=2, **later),
    ]
    await practice.take(*(reversed(said) if reverse else said))
    assert (await practice.figures("A81001", *JULY))["clocks-breached"] == 1


async def test_people_of_today(practice, events):
    await practice.take(events.resource("Task", "a", 1, SEEN, "q", status="requested"))
    await practice.execute("UPDATE patient SET practice = 'A81002' WHERE id = 'q'")
    assert (await practice.figures("A81001", *JULY))["actions-opened"] == 0
    assert (await practice.figures("A81002", *JULY))["actions-opened"] == 1
    await practice.execute("UPDATE membership SET ends = 1 WHERE member = 'A81002'")
    assert (await practice.figures("U10001", *JULY))["actions-opened"] == 0
    await practice.execute("UPDATE patient SET deleted = 1 WHERE id = 'q'")
    assert (await practice.figures("A81002", *JULY))["actions-opened"] == 0


async def test_the_report_is_valid_and_says_on_what_it_rests(practice, events):
    await practice.take(*(events.resource("Task", name, 1, SEEN, "p", status="requested") for name in "ab"))
    await practice.execute("INSERT INTO cursor (name, position, at) VALUES ('from:mdt-service', 3000000000, 1)")
    await practice.execute("INSERT INTO cursor (name, position, at) VALUES ('relay', 9, 1)")
    answer = await practice.call("A81001", "periodStart=2020-07&periodEnd=2020-07")
    report = decode(answer.body)
    assert validator().validate(report, answer.body) == []
    assert (report["status"], report["type"]) == ("complete", "summary")
    assert report["measure"] == f"{definition()['url']}|{definition()['version']}"
    assert report["period"] == {"start": "2020-07-01", "end": "2020-07-31"}
    assert report["reporter"]["identifier"]["value"] == "A81001"
    cut_off, waiting = report["extension"]
    assert [part[name] for part, name in zip(cut_off["extension"], ("valueString", "valueDecimal"), strict=True)] == [
        "mdt-service", 3_000_000_000,
    ]  # fmt: skip
    assert waiting["valueUnsignedInt"] == 0
    populations = {each["code"]["coding"][0]["code"]: each for each in report["group"][0]["population"]}
    opened = populations["actions-opened"]
    assert (opened["count"], opened["extension"][0]["valueUnsignedInt"]) == (2, 1)
