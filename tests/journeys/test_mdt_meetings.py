"""Meetings of multidisciplinary teams: rhythm, agenda, attendance, decisions and actions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import CARE_TEAM_ROLE, TASK_KIND
from tandem.demo.client import Refused
from tandem.fhir.body import Resource
from tandem_tests.mdt_meetings import CLOSE, Meetings, action, meetings, reference, said, shown
from tandem_tests.neighbourhood import LIVES_IN_CARE_HOME
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem

LIST = "anticipatory-care"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
LUNG_CANCER, STAGE = ("363358000", "Malignant tumor of lung"), ("399588009", "Pathologic TNM stage")


async def listed(made: Meetings, count: int) -> list[str]:
    """So many people of the practice who are on the anticipatory care list."""
    people = [await made.practice.register() for _ in range(count)]
    for person in people:
        await made.practice.diagnose(person, COPD, DIABETES)
    await made.identify(LIST, *people)
    return people


async def share(made: Meetings, patient: str, **more: Any) -> str:
    """The practice gives the community provider a part in somebody's care: the CareTeam's id."""
    team = await made.client("practice").create({
        "resourceType": "CareTeam", "status": "active", "subject": reference(f"Patient/{patient}"),
        "participant": [{"member": made.practice.here.reference("community")}, *more.get("participants", ())],
    })  # fmt: skip
    await made.client("operator").caught_up()
    return str(team["id"])


def item_of(answer: Resource, patient: str) -> str:
    """The agenda item of somebody: Task/id."""
    [found] = [each for each in shown(answer, "item") if each["patient"] == [reference(f"Patient/{patient}")]]
    return str(found["task"][0]["reference"])


def of_community(made: Meetings) -> dict[str, Any]:
    return made.practice.here.reference("community")


async def refusal(call: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


@pytest.mark.requirement("EHCH-022")
async def test_a_meeting_of_a_homes_team_reviews_residents_plans_and_support(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    practice, here = made.client("practice"), made.practice.here
    await made.enter("elms", "care-home", f"VM{here.codes['practice'][1:]}")
    resident, elsewhere = await made.practice.register("1934-04-12"), await made.practice.register("1934-04-12")
    await practice.create({
        "resourceType": "EpisodeOfCare", "status": "active", "type": [{"coding": [LIVES_IN_CARE_HOME]}],
        "patient": reference(f"Patient/{resident}"), "period": {"start": "2020-06-01"},
        "managingOrganization": reference(f"Organization/{here.organizations['elms']}"),
    })  # fmt: skip
    await made.client("operator").caught_up()
    home = reference(f"Organization/{here.organizations['elms']}")
    team = await made.establish("gp", "nurse", "pharmacist", home=home)
    schedule, [meeting] = await made.plan(team)
    assert values(await practice.read(f"{schedule}/$team"), "single-organisation") == [False]
    agenda = await made.fill(meeting)
    assert [each["patient"] for each in shown(agenda, "item")] == [[reference(f"Patient/{resident}")]]
    [plan] = shown(agenda, "item")[0]["plan"]
    held = await practice.read(plan["reference"])
    assert held["subject"]["reference"] == f"Patient/{resident}"
    item = item_of(agenda, resident)
    reviewed = said(
        item, plan_review="Goals still hold; crisis steps to be written", support="Weekly physiotherapy offered",
        decision="Carry on, with physiotherapy", by=made.staff["gp"],
    )  # fmt: skip
    due = action("Begin weekly physiotherapy", of_community(made), "2020-07-10", item)
    await made.record(meeting, reviewed, due, by="practice")
    await made.record(meeting, *made.attended("gp", "nurse"), CLOSE)
    record = await practice.read(f"{meeting}/$record")
    [shown_item] = shown(record, "item")
    assert [each[0]["valueString"] for each in shown_item["plan-review"]] == [
        "Goals still hold; crisis steps to be written"
    ]
    assert [each[0]["valueString"] for each in shown_item["support"]] == ["Weekly physiotherapy offered"]
    assert shown_item["plan"] == [plan]
    # The team of one organisation is flagged, for the same home.
    alone = await made.establish("gp", "pharmacist", home=home)
    schedule, _ = await made.plan(alone)
    assert values(await practice.read(f"{schedule}/$team"), "single-organisation") == [True]
    assert elsewhere not in str(record)


@pytest.mark.requirement("AC-019")
async def test_people_not_discussed_are_listed_and_after_discussion_each_has_actions_with_owner_and_date(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    first, second = await listed(made, 2)
    team = await made.establish("gp", "nurse", list=LIST)
    schedule, [meeting] = await made.plan(team)
    practice = made.client("practice")
    waiting = await practice.read(f"{schedule}/$people?state=not-discussed")
    assert {each["patient"][0]["reference"] for each in shown(waiting, "person")} == {
        f"Patient/{first}", f"Patient/{second}",
    }  # fmt: skip
    agenda = await made.fill(meeting, most=1)
    [item] = shown(agenda, "item")
    discussed, task = item["patient"][0]["reference"], item["task"][0]["reference"]
    await made.record(meeting, *made.attended("gp", "nurse"))
    await made.record(meeting, said(task, decision="A befriender and a review of inhalers"), by="practice")
    # Discussed without an agreed action: the record cannot be closed.
    unfinished = await refusal(made.record(meeting, CLOSE))
    assert (unfinished.status, "000 §4.10 b3" in unfinished.text) == (422, True)
    for missing in (action("Call her", None, "2020-07-08", task), action("Call her", of_community(made), None, task)):
        assert (await refusal(made.record(meeting, missing, by="practice"))).status == 422
    agreed = action("Find a befriender", reference(made.staff["nurse"]), "2020-07-08", task)
    await made.record(meeting, agreed, CLOSE)
    waiting = await practice.read(f"{schedule}/$people?state=not-discussed")
    assert {each["patient"][0]["reference"] for each in shown(waiting, "person")} == {
        f"Patient/{first}", f"Patient/{second}",
    } - {discussed}  # fmt: skip
    [person] = shown(await practice.read(f"{schedule}/$people?state=discussed"), "person")
    assert person["patient"] == [reference(discussed)]
    [found] = [{each["name"]: each for each in inner} for inner in person["action"]]
    assert found["owner"]["valueString"] == made.practice.here.codes["community"]
    assert found["by"]["valueReference"] == reference(made.staff["nurse"])
    assert found["due"]["valueDate"] == "2020-07-08"
    held = await practice.read(found["task"]["valueReference"]["reference"])
    assert held["for"]["reference"] == discussed
    assert held["restriction"]["period"]["end"] == "2020-07-08"


@pytest.mark.on_six_processes
@pytest.mark.requirement("AC-040")
async def test_recurring_meetings_fill_their_agenda_from_the_list_and_a_missed_one_is_overdue(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    people = await listed(made, 2)
    team = await made.establish("gp", "nurse", list=LIST, weeks=2)
    schedule, planned = await made.plan(team, until="2020-07-31")
    starts = [(await made.client("network").read(each))["start"] for each in planned]
    assert starts == ["2020-07-01T08:00:00+01:00", "2020-07-15T08:00:00+01:00", "2020-07-29T08:00:00+01:00"]
    agenda = await made.fill(planned[1])
    assert {each["patient"][0]["reference"] for each in shown(agenda, "item")} == {f"Patient/{each}" for each in people}
    assert {tuple(each["reason"]) for each in shown(agenda, "item")} == {("list",)}
    # Again adds nobody, and those who wait for one meeting are not put on the next.
    assert values(await made.fill(planned[1]), "added") == [0]
    assert values(await made.fill(planned[2]), "added") == [0]

    async def states(as_of: str) -> list[str]:
        evidence = await made.client("practice").read(f"{schedule}/$evidence?as-of={as_of}")
        return [each["state"][0] for each in shown(evidence, "meeting")]

    await made.record(planned[0], *made.attended("gp", "nurse"), CLOSE)
    assert await states("2020-07-15") == ["held", "planned", "planned"]
    assert await states("2020-07-16") == ["held", "overdue", "planned"]
    evidence = await made.client("practice").read(f"{schedule}/$evidence?as-of=2020-07-16")
    assert (values(evidence, "next-due"), values(evidence, "meeting-overdue")) == (["2020-07-15"], [True])
    # Planning again makes no meeting twice.
    assert (await made.plan(team, until="2020-07-31")) == (schedule, planned)


@pytest.mark.requirement("AC-042")
async def test_a_community_member_attends_and_adds_contributions_and_actions_that_the_record_shows(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    [shared, other] = await listed(made, 2)
    await share(made, shared)
    team = await made.establish("gp", "nurse", list=LIST)
    _, [meeting] = await made.plan(team)
    agenda = await made.fill(meeting)
    item, hidden = item_of(agenda, shared), item_of(agenda, other)
    community, nurse = made.client("community"), made.staff["nurse"]
    # Of the people on the agenda the provider sees the one it has a part in the care of.
    seen = await community.read(f"{meeting}/$agenda")
    assert [each["task"] for each in shown(seen, "item")] == [[reference(item)]]
    assert (await refusal(made.record(meeting, said(hidden, discussion="x"), by="community"))).status == 404
    # It records its own staff, and nobody else's.
    assert (await refusal(made.record(meeting, *made.attended("gp"), by="community"))).status == 403
    assert (await refusal(made.record(meeting, CLOSE, by="community"))).status == 403
    told = said(item, discussion="Legs are swollen again; compression helps", by=nurse)
    visit = action("Visit twice a week", reference(nurse), "2020-07-03", item)
    await made.record(meeting, *made.attended("nurse"), told, visit, by="community")
    await made.record(meeting, said(item, decision="Compression, reviewed in a month"), by="practice")
    record = await made.client("practice").read(f"{meeting}/$record")
    [attendee] = [each for each in shown(record, "attendee") if each["who"] == [reference(nurse)]]
    assert (attendee["attended"], attendee["organisation-kind"]) == ([True], ["community-provider"])
    [found] = [each for each in shown(record, "item") if each["task"] == [reference(item)]]
    contribution = {each["name"]: each for each in found["discussion"][0]}
    assert contribution["text"]["valueString"] == "Legs are swollen again; compression helps"
    assert contribution["by"]["valueReference"] == reference(nurse)
    assert contribution["role"]["valueString"] == "community-nurse"
    assert contribution["organisation"]["valueString"] == made.practice.here.codes["community"]
    acted = {each["name"]: each for each in found["action"][0]}
    assert acted["owner"]["valueString"] == made.practice.here.codes["community"]
    assert (acted["what"]["valueString"], acted["due"]["valueDate"]) == ("Visit twice a week", "2020-07-03")
    # The Appointment stays the network's, whoever recorded.
    await made.client("network").patch(meeting, [{"op": "add", "path": "/comment", "value": "Room 2"}])


@pytest.mark.requirement("PCPC-043")
async def test_the_key_contact_sees_and_chases_all_actions_and_none_is_closed_without_an_outcome(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    people = await listed(made, 2)
    role = [{"coding": [{"system": CARE_TEAM_ROLE, "code": "key-contact"}]}]
    for person in people:
        await share(made, person, participants=[{"member": reference(made.staff["pharmacist"]), "role": role}])
    team = await made.establish("gp", "nurse", list=LIST)
    _, [meeting] = await made.plan(team)
    agenda = await made.fill(meeting)
    for place, person in enumerate(people):
        due = f"2020-07-0{place + 3}"
        check = action("Check her feet", of_community(made), due, item_of(agenda, person))
        await made.record(meeting, check, by="practice")
    practice, contact = made.client("practice"), made.staff["pharmacist"]
    tracked = await practice.read(f"Task/$actions?by={contact}")
    assert {each["patient"][0]["reference"] for each in shown(tracked, "action")} == {f"Patient/{p}" for p in people}
    late = await practice.read(f"Task/$actions?by={contact}&state=overdue&as-of=2020-07-04")
    [overdue] = shown(late, "action")
    assert overdue["due"] == ["2020-07-03"]
    assert shown(await practice.read(f"Task/$actions?by={made.staff['gp']}"), "action") == []
    tasks = [each["task"][0]["reference"] for each in shown(tracked, "action")]
    for task in tasks:
        asked = parameters(part("by", valueReference=reference(contact)), part("note", valueString="How far is it?"))
        chase = await practice.call("POST", f"{task}/$chase", asked)
        assert chase["focus"] == reference(task)
        assert chase["owner"]["identifier"] == of_community(made)["identifier"]
        assert chase["requester"] == reference(contact)
    stranger = parameters(part("by", valueReference=reference(made.staff["gp"])))
    assert (await refusal(practice.call("POST", f"{tasks[0]}/$chase", stranger))).status == 403
    tracked = await practice.read(f"Task/$actions?by={contact}")
    assert all(each["chased"] for each in shown(tracked, "action"))
    community = made.client("community")
    for status in ("accepted", "in-progress"):
        await community.patch(tasks[0], [{"op": "replace", "path": "/status", "value": status}])
    done = {"op": "replace", "path": "/status", "value": "completed"}
    refused = await refusal(community.patch(tasks[0], [done]))
    assert (refused.status, "003 §2.3 ex6" in refused.text) == (422, True)
    assert (await community.read(tasks[0]))["status"] == "in-progress"
    outcome = {"type": {"text": "Outcome"}, "valueString": "No ulcer; shoes ordered"}
    await community.patch(tasks[0], [done, {"op": "add", "path": "/output", "value": [outcome]}])
    closed = await practice.read(f"Task/$actions?by={contact}&state=closed")
    assert [each["outcome"] for each in shown(closed, "action")] == [["No ulcer; shoes ordered"]]
    given_up = {"op": "replace", "path": "/status", "value": "cancelled"}
    assert (await refusal(community.patch(tasks[1], [given_up]))).status == 422


@pytest.mark.requirement("ECD-059")
async def test_a_significant_event_session_on_a_found_case_keeps_attendees_learning_and_actions_to_closure(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    here = made.practice.here
    case, neither = [await made.practice.register("1955-01-01") for _ in range(2)]
    await made.practice.diagnose(case, LUNG_CANCER, onset="2020-02-01")
    staged = {"coding": [{"system": "http://snomed.info/sct", "code": "1222837003"}]}
    await made.practice.observe(case, STAGE, "2020-02-10", valueCodeableConcept=staged)
    await made.identify("cancer-learning-cases", case)
    await made.employ("peer", "other", "gp")
    await made.client("operator").caught_up()

    def session(patient: str) -> Resource:
        return parameters(
            part("patient", valueReference=reference(f"Patient/{patient}")),
            part("start", valueDateTime="2020-07-01T08:00+01:00"),
            *(part("participant", valueReference=reference(made.staff[each])) for each in ("gp", "peer")),
        )  # fmt: skip

    practice, other = made.client("practice"), made.client("other")
    assert (await refusal(practice.call("POST", "Appointment/$open-session", session(neither)))).status == 422
    opened = await practice.call("POST", "Appointment/$open-session", session(case))
    [meeting], [item] = values(opened, "appointment"), values(opened, "item")
    event, item = meeting["reference"], item["reference"]
    told = said(item, discussion="Three visits before an X-ray", learning="The cough was treated twice")
    point = part("learning", valueString="A cough of three weeks asks for an X-ray")
    mend = action("Audit coughs of three weeks", here.reference("other"), "2020-08-01", item)
    await made.record(event, told, point, mend, *made.attended("gp", "peer"), by="practice")
    await made.record(event, said(item, decision="X-ray at three weeks"), CLOSE, by="practice")
    # The other practice of the network reads attendees, learning and its own action, and nothing of the person.
    record = await other.read(f"{event}/$record")
    assert [each["attended"] for each in shown(record, "attendee")] == [[True], [True]]
    assert [each["text"] for each in shown(record, "learning")] == [["A cough of three weeks asks for an X-ray"]]
    assert shown(record, "item") == []
    assert case not in str(record)
    [mending] = shown(record, "action")
    assert (mending["owner"], mending["status"]) == ([here.codes["other"]], ["requested"])
    assert shown(await other.read(f"{event}/$record?as-of=2020-08-02"), "action")[0]["overdue"] == [True]
    task = mending["task"][0]["reference"]
    for status in ("accepted", "in-progress"):
        await other.patch(task, [{"op": "replace", "path": "/status", "value": status}])
    done = {"op": "replace", "path": "/status", "value": "completed"}
    assert (await refusal(other.patch(task, [done]))).status == 422
    outcome = {"type": {"text": "Outcome"}, "valueString": "Nine coughs, one X-ray missing"}
    await other.patch(task, [done, {"op": "add", "path": "/output", "value": [outcome]}])
    own = await practice.read(f"{event}/$record?as-of=2020-08-02")
    [learnt] = [each for each in shown(own, "item") if each["patient"] == [reference(f"Patient/{case}")]]
    assert learnt["learning"][0][0]["valueString"] == "The cough was treated twice"
    [mending] = shown(own, "action")
    assert (mending["status"], mending["overdue"]) == (["completed"], [False])
    assert (mending["closed"], mending["outcome"]) == (["2020-07-01"], ["Nine coughs, one X-ray missing"])


async def test_flags_chases_and_names_come_before_the_list_on_an_agenda(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    waiting, flagged = await listed(made, 2)
    flag = await made.client("practice").create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": reference(f"Patient/{flagged}"),
        "code": {"coding": [{"system": TASK_KIND, "code": "home-flag"}]}, "reasonCode": {"text": "Eats little"},
        "owner": made.practice.here.reference("practice"),
    })  # fmt: skip
    team = await made.establish("gp", "nurse", list=LIST)
    _, [meeting] = await made.plan(team)
    agenda = shown(await made.fill(meeting), "item")
    assert [each["patient"][0]["reference"] for each in agenda] == [f"Patient/{flagged}", f"Patient/{waiting}"]
    assert agenda[0]["from"] == [reference(f"Task/{flag['id']}")]
    assert "Eats little" in agenda[0]["why"][0]


async def test_what_cannot_be_is_refused_and_nothing_is_written(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    [person] = await listed(made, 1)
    team = await made.establish("gp", "nurse", list=LIST, weeks=1)
    _, [meeting] = await made.plan(team)
    agenda = await made.fill(meeting)
    item = item_of(agenda, person)
    overlap = await refusal(made.plan(team, "2020-07-01T08:30+01:00"))
    assert (overlap.status, overlap.text) == (422, "Another meeting of this team is at the same time")
    uninvited = await refusal(made.record(meeting, *made.attended("worker")))
    assert (uninvited.status, "is not invited" in uninvited.text) == (422, True)
    unknown = part("invite", valueReference=reference("PractitionerRole/nobody"))
    assert (await refusal(made.record(meeting, unknown))).status == 422
    open_item = await refusal(made.record(meeting, *made.attended("gp"), CLOSE))
    assert (open_item.status, "neither discussed nor postponed" in open_item.text) == (422, True)
    # All of it or none: the attendance that came with it is not kept either.
    assert values(await made.client("network").read(f"{meeting}/$record"), "state") == ["overdue"]
    early = action("Call her", of_community(made), "2020-06-30", item)
    assert (await refusal(made.record(meeting, early, by="practice"))).status == 422
    assert (await refusal(made.plan(team, by="community"))).status == 403
    _, [later] = await made.plan(team, "2020-07-08T08:00+01:00")
    assert (await refusal(made.record(later, *made.attended("gp")))).status == 422
    await made.record(meeting, said(item, postponed="Her daughter could not come"), *made.attended("gp"), CLOSE)
    over = await refusal(made.record(meeting, *made.attended("nurse")))
    assert (over.status, "record is closed" in over.text) == (422, True)
    assert (await refusal(made.fill(meeting))).status == 422
    # Who was postponed is put on the next agenda.
    assert [each["patient"] for each in shown(await made.fill(later), "item")] == [[reference(f"Patient/{person}")]]
    held = {"op": "replace", "path": "/status", "value": "booked"}
    back = await refusal(made.client("network").patch(meeting, [held]))
    assert (back.status, "cannot go from 'fulfilled'" in back.text) == (422, True)


