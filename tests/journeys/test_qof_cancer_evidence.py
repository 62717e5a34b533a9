"""A practice's cancer work is evidence for the quality framework, as it was recorded in daily work."""

from __future__ import annotations

import httpx
import pytest

from tandem.canonical import REFERRAL_KIND
from tandem_tests.mdt_meetings import CLOSE, Meetings, action, meetings, reference, said, shown
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.suspected_cancer import symptoms

LUNG_CANCER, STAGE = ("363358000", "Malignant tumor of lung"), ("399588009", "Pathologic TNM stage")
LATE = {"coding": [{"system": "http://snomed.info/sct", "code": "1222837003"}]}


async def learnt(made: Meetings, case: str) -> str:
    """A session on a significant event was held, with what was learnt: Appointment/id."""
    here = made.practice.here
    await made.practice.diagnose(case, LUNG_CANCER, onset="2020-02-01")
    await made.practice.observe(case, STAGE, "2020-02-10", valueCodeableConcept=LATE)
    await made.identify("cancer-learning-cases", case)
    await made.employ("peer", "other", "gp")
    await made.client("operator").caught_up()
    opened = await made.client("practice").call("POST", "Appointment/$open-session", parameters(
        part("patient", valueReference=reference(f"Patient/{case}")),
        part("start", valueDateTime="2020-07-01T08:00+01:00"),
        *(part("participant", valueReference=reference(made.staff[each])) for each in ("gp", "peer")),
    ))  # fmt: skip
    [meeting], [item] = values(opened, "appointment"), values(opened, "item")
    event, item = str(meeting["reference"]), item["reference"]
    told = said(item, discussion="Three visits before an X-ray", learning="The cough was treated twice")
    mend = action("Audit coughs of three weeks", here.reference("other"), "2020-08-01", item)
    await made.record(event, told, mend, *made.attended("gp", "peer"), by="practice")
    await made.record(event, said(item, decision="X-ray at three weeks"), CLOSE, by="practice")
    return event


@pytest.mark.requirement("ECD-072", "PCN-033")
async def test_referral_safety_net_and_learning_are_mapped_to_their_elements(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    here, practice = made.practice.here, made.client("practice")
    await made.enter("trust", "acute-trust", f"RT{here.codes['practice'][1:]}")
    case = await made.practice.register("1955-01-01")
    await practice.caught_up()
    request = await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "urgent-suspected-cancer"}]}],
        "reasonCode": symptoms("haemoptysis"), "subject": {"reference": f"Patient/{case}"},
        "requester": here.reference("practice"), "performer": [here.reference("trust")],
    })  # fmt: skip
    session = await learnt(made, case)
    await practice.caught_up()

    answer = await practice.call("GET", "Measure/$qof-cancer-evidence?year=2020/21")
    elements = {each["id"][0]: each for each in shown(answer, "element")}
    recorded = {
        name: [values(record, "source")[0] for record in each.get("record", [])] for name, each in elements.items()
    }
    assert recorded == {
        "QI010-referral-practice": [f"ServiceRequest/{request['id']}"],
        "QI010-safety-netting": [f"safety-net/ServiceRequest/{request['id']}"],
        "QI010-screening": [],
        "QI011-shared-learning": [session.replace("Appointment/", "meeting/")],
    }
    assert {each["indicator"][0] for each in elements.values()} == {"QI010", "QI011"}
    page = await practice.request("GET", "Measure/$qof-cancer-evidence?_format=html")
    assert f"ServiceRequest/{request['id']}" in page.text

    for role in ("other", "community"):
        assert (await made.client(role).request(
            "GET", f"Measure/$qof-cancer-evidence?practice={here.codes['practice']}"
        )).status_code == 404, role  # fmt: skip
    assert (await practice.request("GET", "Measure/$qof-cancer-evidence?year=2019/20")).status_code == 400
