"""Duties in the service's own database: asked for by event, given, chased and said of, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from mdt_service.domain.duties.standing import DutyDays
from mdt_service.duties.chase_timers import escalate, give_new_year, give_who_joined, remind, renew, tell_overdue
from mdt_service.duties.duty_events import DUE, ESCALATED, JOINED, LAPSED, OVERDUE
from mdt_service.duties.duty_rows import duty_row, owed_by
from mdt_service.duties.giving import give_network, give_organisation
from mdt_service.duties.request_handler import give_requested_duty, plan_for_who_joined
from tandem.events.event import Event
from tandem.fhir.outcome import FhirError
from tandem.fhir.validation import validator
from tandem.identity.audit_event import organisation_reference
from tandem.identity.periods import FOREVER
from tandem_tests.small_work import Said, SmallWork, event_of, written_event

ASKED: dict[str, Any] = {
    "task": "d1", "organisation": "A81001", "text": "Name who answers the clinical portal", "due": "2020-09-30",
    "asked_by": "U10001", "service": "PC",
}  # fmt: skip


@pytest.fixture
async def area(work: SmallWork) -> SmallWork:
    """A commissioner with a network of one practice and one provider, and a national body."""
    kinds = {"Q1": "commissioner", "U10001": "network", "A81001": "practice", "RX1": "community-provider",
             "X24": "national-body"}  # fmt: skip
    for code, kind in kinds.items():
        await work.connection.execute(
            "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, $3, 1)", code.lower(), code, kind
        )
    for holder, member in (("Q1", "U10001"), ("U10001", "A81001"), ("U10001", "RX1")):
        await work.connection.execute(
            "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
            " VALUES ($1, $2, $3, $2, $3, 0, $4)", f"{holder}-{member}", holder, member, FOREVER,
        )  # fmt: skip
    return work


def asked(**changed: Any) -> Event:
    return event_of(Said("tandem.duty.requested", "d1", ASKED | changed, None))


async def fire(work: SmallWork, kind: str, key: str) -> None:
    """The timed event fires at its time, if it is still planned."""
    at, payload = work.due[kind, key]
    work.now = at
    handler = {DUE: remind, OVERDUE: tell_overdue, ESCALATED: escalate, LAPSED: renew}[kind]
    await handler(Event(f"{kind}/{key}", kind, "mdt-service", at, subject=key, data=payload), work)


async def test_another_service_asks_for_a_duty_once(area: SmallWork) -> None:
    await give_requested_duty(asked(), area)
    await give_requested_duty(asked(text="Something else"), area)
    task = area.resources["Task/d1"]
    assert validator("fhirkit").validate(task) == []
    assert task["description"] == ASKED["text"]
    assert task["owner"]["identifier"]["value"] == "A81001"
    assert task["requester"]["identifier"]["value"] == "U10001"
    assert task["restriction"]["period"] == {"start": "2020-07-01", "end": "2020-09-30"}
    row = await duty_row(area.connection, "d1")
    assert row is not None
    assert (row.owner, row.service, row.days) == ("A81001", "PC", DutyDays(18444, 18535))
    assert [each["organisation"] for each in area.of("tandem.duty.given")] == ["A81001"]


async def test_a_requirement_lends_its_words_and_its_rules(area: SmallWork) -> None:
    await give_requested_duty(asked(task="d2", organisation="U10001", requirement="SMR-029", text=None), area)
    assert area.resources["Task/d2"]["description"].startswith("Identify a clinical lead")
    with pytest.raises(FhirError, match="owed by a network"):
        await give_requested_duty(asked(task="d3", requirement="SMR-029"), area)


async def test_a_network_is_given_what_is_owed_to_it_and_each_duty_is_valid(area: SmallWork) -> None:
    given = await give_network(area, "U10001", "2020/21")
    assert given.before == 0
    assert len(given.made) == len(area.resources) == 76
    faults = [validator("fhirkit").validate(task) for task in area.resources.values()]
    assert [fault for fault in faults if fault] == []
    owners = {task["owner"]["identifier"]["value"] for task in area.resources.values()}
    assert owners == {"Q1", "U10001", "A81001", "RX1", "X24"}
    again = await give_organisation(area, "RX1", "2020/21")
    assert (again.made, again.before) == ((), 11)
    assert area.due["tandem.duty.new-year", "U10001"][1] == {"network": "U10001", "year": "2021/22"}
    owed = await owed_by(area.connection, {"RX1", "A81001"})
    assert [each.days.due for each in owed] == sorted(each.days.due for each in owed)
    assert Counter((each.owner, each.network) for each in owed) == {("RX1", "U10001"): 11, ("A81001", None): 1}
    assert await owed_by(area.connection, set()) == []


async def test_a_joining_practice_is_looked_after_in_the_registers_it_bears_on(area: SmallWork) -> None:
    joined = {
        "resourceType": "OrganizationAffiliation", "id": "m", "organization": organisation_reference("U10001"),
        "participatingOrganization": organisation_reference("A81001"),
    }  # fmt: skip
    await plan_for_who_joined(written_event(joined, None), area)
    assert area.due == {}, "no register was begun"
    await give_organisation(area, "X24", "2020/21")
    await area.connection.execute("INSERT INTO duty_register (network) VALUES ('U10001')")
    await plan_for_who_joined(written_event(joined, None), area)
    [(kind, key)] = [name for name in area.due if name[0] == JOINED]
    at, payload = area.due[kind, key]
    await give_who_joined(Event("j", JOINED, "mdt-service", at, data=payload), area)
    assert Counter(each.owner for each in await owed_by(area.connection, {"A81001", "X24"})) == {"A81001": 1, "X24": 5}


async def test_the_new_year_gives_what_it_brings(area: SmallWork) -> None:
    event = Event("y", "tandem.duty.new-year", "mdt-service", area.now, data={"network": "U10001", "year": "2021/22"})
    area.now = datetime.fromisoformat("2021-04-01T00:00:00+01:00")
    await give_new_year(event, area)
    cited = {task["instantiatesCanonical"].rpartition("/")[2] for task in area.resources.values()}
    assert {"PC-020|1", "ECD-028|1", "ECD-016|1"} <= cited
    assert "ECD-035|1" not in cited
    assert area.due["tandem.duty.new-year", "U10001"][1]["year"] == "2022/23"


async def test_said_in_turn_and_each_once(area: SmallWork) -> None:
    await give_requested_duty(asked(), area)
    planned = {kind: sorted(key for each, key in area.due if each == kind) for kind, _ in area.due}
    assert planned == {DUE: ["d1/28", "d1/7"], OVERDUE: ["d1"], ESCALATED: ["d1/0", "d1/1"]}
    steps = [(DUE, "d1/28"), (DUE, "d1/7"), (OVERDUE, "d1"), (ESCALATED, "d1/0"), (ESCALATED, "d1/1")]
    for kind, key in [*steps, *reversed(steps)]:
        await fire(area, kind, key)
    assert [each.kind for each in area.said] == [
        "tandem.duty.given", DUE, DUE, OVERDUE, ESCALATED, ESCALATED,
    ]  # fmt: skip
    assert [each["to"] for each in area.of(ESCALATED)] == ["U10001", "Q1"]
    chased = [each for name, each in area.resources.items() if name not in ("Task/d1",) and "Task/" in name]
    assert [validator("fhirkit").validate(each) for each in area.resources.values()] == [[]] * len(area.resources)
    assert [each["focus"] for each in chased] == [{"reference": "Task/d1"}] * 2


async def completed(work: SmallWork, *, until: str | None = None) -> None:
    task, inner = work.resources["Task/d1"], [{"url": "date", "valueDate": "2020-07-01"}]
    if until is not None:
        inner.append({"url": "until", "valueDate": until})
    base = "https://tandem.example/fhir"
    output = {
        "extension": [{"url": f"{base}/StructureDefinition/duty-evidence", "extension": inner}],
        "type": {"coding": [{"system": f"{base}/CodeSystem/duty-evidence", "code": "lead"}]},
        "valueString": "Dr Okafor",
    }  # fmt: skip
    started = await work.put({**task, "status": "in-progress", "output": [output]})
    await work.put({**started, "status": "completed"})


async def test_what_is_met_is_chased_no_more(area: SmallWork) -> None:
    await give_requested_duty(asked(), area)
    await fire(area, ESCALATED, "d1/0")
    chase = area.of(ESCALATED)[0]["chase"]
    left = dict(area.due)
    await completed(area)
    assert area.resources[f"Task/{chase}"]["status"] == "cancelled"
    assert [key for key in area.due if key[1].startswith("d1")] == []
    area.due.update(left)
    await fire(area, ESCALATED, "d1/1")
    await fire(area, OVERDUE, "d1")
    assert [each.kind for each in area.said] == ["tandem.duty.given", ESCALATED, "tandem.duty.met"]


async def test_evidence_that_lapses_renews_the_duty_once(area: SmallWork) -> None:
    await give_requested_duty(asked(), area)
    await completed(area, until="2020-08-31")
    await fire(area, LAPSED, "d1")
    await fire(area, LAPSED, "d1")
    [said] = area.of(LAPSED)
    renewed = area.resources[f"Task/{said['renewed']}"]
    assert renewed["restriction"]["period"] == {"start": "2020-09-01", "end": "2020-09-29"}
    assert sum(name.startswith("Task/") for name in area.resources) == 2


async def test_a_day_that_is_moved_is_chased_from_the_new_day(area: SmallWork) -> None:
    await give_requested_duty(asked(), area)
    at, payload = area.due[ESCALATED, "d1/0"]
    task = area.resources["Task/d1"]
    await area.put({**task, "restriction": {"period": {"start": "2020-07-01", "end": "2020-12-31"}}})
    assert area.due[ESCALATED, "d1/0"][0] - at == timedelta(days=92, hours=1)
    await escalate(Event("old", ESCALATED, "mdt-service", at, data=payload), area)
    assert area.of(ESCALATED) == []
