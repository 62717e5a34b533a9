"""The case register of the Doncaster specification: compiled by a practice, signed off with its commissioner."""

from __future__ import annotations

import httpx
import pytest

from tandem.canonical import BASE
from tandem.demo.client import FhirClient, Refused
from tandem_tests.case_register import CaseRegister, case_register_of_new_practice, entry, parts
from tandem_tests.network_area import part, values
from tandem_tests.practice_lists import coded
from tandem_tests.running import EmbeddedTandem

REGISTER, ADMISSIONS_REGISTER = "complex-and-frail", "unplanned-admissions-register"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
DEMENTIA, FALL_RISK = ("52448006", "Dementia"), ("129839007", "At increased risk for falls")
FRAILTY_INDEX = ("713636003", "Frailty Index score")
USED = part("profileUse", valueString="The profile shows much COPD; everybody with COPD and another condition was seen")


@pytest.fixture
async def register(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> CaseRegister:
    return await case_register_of_new_practice(http, embedded)


async def people(register: CaseRegister, count: int) -> list[str]:
    return [await register.lists.register() for _ in range(count)]


async def refusal(register: CaseRegister, role: str, operation: str, *posted: dict[str, object]) -> Refused:
    with pytest.raises(Refused) as refused:
        await register.post(role, operation, *posted)
    return refused.value


async def load(register: CaseRegister, *patients: str) -> None:
    rows = [part("person", part("patient", valueReference={"reference": f"Patient/{each}"})) for each in patients]
    await register.post("practice", "load-unplanned-admissions-register", *rows)
    await register.lists.client.caught_up()


async def profile(register: CaseRegister) -> None:
    row = part("characteristic", part("name", valueString="High prevalence of COPD"),
               part("code", valueCoding=coded(*COPD)["coding"][0]), part("percent", valueDecimal=4.1))  # fmt: skip
    await register.post("commissioner", "practice-profile", row)


@pytest.mark.requirement("PCPC-016")
async def test_a_register_of_19_in_1000_is_below_the_floor_and_20_meet_it(register: CaseRegister) -> None:
    everybody = await people(register, 20)
    await register.count_list(1_000)
    await register.enter(*everybody[:19])
    below = await register.check(REGISTER)
    assert (below["state"], float(below["percent"]), below["shortfall"]) == ("below-floor", 1.9, 1)
    # somebody who is not on it yet is a likely candidate
    await register.lists.diagnose(everybody[19], COPD, DIABETES, DEMENTIA)
    missing = (await register.entries("?status=candidate"))
    assert set(missing) == {everybody[19]}
    assert "conditions-and-medicines" in missing[everybody[19]]["sources"]

    await register.enter(everybody[19])
    met = await register.check(REGISTER)
    assert (met["state"], float(met["percent"]), met["shortfall"]) == ("met", 2, 0)


@pytest.mark.requirement("PCPC-017")
async def test_an_entry_names_its_source_and_somebody_on_both_registers_stands_once(register: CaseRegister) -> None:
    [both, other] = await people(register, 2)
    refused = await refusal(register, "practice", "case-register-entry", entry(both))
    assert refused.status == 422
    assert "source" in refused.text
    # nothing of a post is kept when one of it is refused
    refused = await refusal(
        register, "practice", "case-register-entry", entry(other, "clinical-judgement"), entry(both)
    )
    assert refused.status == 422
    assert not await register.entries()

    await register.enter(both)
    await load(register, both)
    found = await register.entries()
    assert set(found) == {both}
    assert set(found[both]["sources"]) == {"clinical-judgement", ADMISSIONS_REGISTER}


@pytest.mark.requirement("PCPC-028")
async def test_the_unplanned_admissions_register_has_its_own_source_and_its_own_check(register: CaseRegister) -> None:
    everybody = await people(register, 3)
    await register.count_list(100)
    await load(register, *everybody[:2])
    assert set(await register.lists.listed(ADMISSIONS_REGISTER)) == set(everybody[:2])
    await register.post("practice", "case-register-run", part("source", valueCode=ADMISSIONS_REGISTER))
    found = await register.entries()
    assert {person: set(each["sources"]) for person, each in found.items()} == {
        person: {ADMISSIONS_REGISTER} for person in everybody[:2]
    }
    own, scheme = await register.check(ADMISSIONS_REGISTER), await register.check(REGISTER)
    assert (own["state"], own["count"], float(own["percent"])) == ("met", 2, 2)
    assert (scheme["state"], scheme["count"]) == ("below-floor", 0)

    # a later load is the whole register: who is not named comes off it
    await load(register, everybody[2])
    assert (await register.check(ADMISSIONS_REGISTER))["count"] == 1
    assert await register.lists.listed(ADMISSIONS_REGISTER) == [everybody[2]]


@pytest.mark.requirement("PCPC-018")
async def test_a_register_built_only_from_admission_counts_is_not_signed_off(register: CaseRegister) -> None:
    [person] = await people(register, 1)
    for day in ("2020-01-10", "2020-05-02"):
        await register.lists.admit_to_hospital(person, day)
    await register.lists.client.caught_up()
    await register.post("practice", "case-register-run", part("source", valueCode="admission-count"))
    assert set((await register.entries())[person]["sources"]) == {"admission-count"}
    await register.post("practice", "case-register-entry", entry(person))
    refused = await refusal(register, "practice", "case-register-sign-off", USED)
    assert refused.status == 422
    assert "admissions alone" in refused.text
    assert not values(await register.get("practice", "case-register-sign-off"), "sign-off")

    await register.post("practice", "case-register-run", part("source", valueCode="risk-score"))
    asked = await register.post("practice", "case-register-sign-off", USED)
    assert [parts(each)["state"] for each in values(asked, "sign-off")] == ["requested"]


@pytest.mark.requirement("PCPC-024")
async def test_sign_off_needs_a_statement_of_how_the_profile_was_used(register: CaseRegister) -> None:
    await profile(register)
    await register.enter(*await people(register, 1))
    refused = await refusal(
        register, "practice", "case-register-sign-off", part("profileUse", valueString="   ")
    )
    assert refused.status == 422
    assert "profileUse" in refused.text
    await register.post("practice", "case-register-sign-off", USED)
    [version] = values(await register.get("commissioner", "case-register-sign-off"), "sign-off")
    shown = parts(version)
    assert shown["profileUse"] == USED["valueString"]
    assert shown["profileDate"] == "2020-07-01"
    assert parts(shown["check"])["count"] == 1

    agree = (part("version", valueInteger=1), part("decision", valueCode="agree"))
    assert (await refusal(register, "practice", "case-register-sign-off", *agree)).status == 403
    agreed = parts(values(await register.post("commissioner", "case-register-sign-off", *agree), "sign-off")[0])
    assert (agreed["state"], agreed["decided"]) == ("agreed", "2020-07-01")
    assert (await refusal(register, "commissioner", "case-register-sign-off", *agree)).status == 409


@pytest.mark.requirement("PCPC-046")
async def test_an_open_query_of_the_ccg_blocks_sign_off_until_it_is_answered(register: CaseRegister) -> None:
    await register.enter(*await people(register, 1))
    question = part("question", valueString="Why are there so few people with dementia on the register?")
    assert (await refusal(register, "practice", "case-register-query", question)).status == 403
    await register.post("commissioner", "case-register-query", question)
    [asked] = values(await register.get("practice", "case-register-query"), "query")
    assert (parts(asked)["state"], parts(asked)["question"]) == ("open", question["valueString"])
    refused = await refusal(register, "practice", "case-register-sign-off", USED)
    assert refused.status == 422
    assert "query" in refused.text

    reply = (part("query", valueInteger=1), part("answer", valueString="They are seen by the memory service"))
    assert (await refusal(register, "commissioner", "case-register-query", *reply)).status == 403
    await register.post("practice", "case-register-query", *reply)
    [answered] = values(await register.get("commissioner", "case-register-query"), "query")
    assert (parts(answered)["state"], parts(answered)["answer"]) == ("answered", reply[1]["valueString"])
    await register.post("practice", "case-register-sign-off", USED)
    await register.post("commissioner", "case-register-query", question)
    agree = (part("version", valueInteger=1), part("decision", valueCode="agree"))
    assert (await refusal(register, "commissioner", "case-register-sign-off", *agree)).status == 422


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-045")
async def test_each_candidate_shows_its_sources_and_awaits_the_review_of_the_mdt(register: CaseRegister) -> None:
    lists = register.lists
    by_profile, by_alert, by_score, by_word, nobody = await people(register, 5)
    await profile(register)
    await lists.diagnose(by_profile, COPD)
    subject = {"subject": {"reference": f"Patient/{by_alert}"}, "code": coded(*FALL_RISK)}
    alert = await lists.client.create({"resourceType": "Flag", "status": "active", **subject})
    scores = [await lists.measure(by_score, FRAILTY_INDEX, value, "score", day)
              for value, day in (("0.17", "2019-06-03"), ("0.28", "2020-06-03"))]  # fmt: skip
    doctor = await lists.client.create({"resourceType": "Practitioner", "name": [{"family": "Adeyemi"}]})
    await lists.client.caught_up()
    await lists.client.call("POST", "Group/$judge", {"resourceType": "Parameters", "parameter": [
        {"name": "patient", "valueReference": {"reference": f"Patient/{by_word}"}},
        {"name": "cohort", "valueCode": REGISTER}, {"name": "decision", "valueCode": "add"},
        {"name": "reason", "valueString": "Calls every week"},
        {"name": "author", "valueReference": {"reference": f"Practitioner/{doctor['id']}"}},
    ]})  # fmt: skip

    run = await register.post("practice", "case-register-run", part("profileCharacteristics", valueInteger=1))
    assert values(run, "candidates") == [4]
    found = await register.entries()
    assert {person: set(each["sources"]) for person, each in found.items()} == {
        by_profile: {"practice-profile"}, by_alert: {"clinical-alert"}, by_score: {"risk-score"},
        by_word: {"clinical-judgement"},
    }  # fmt: skip
    assert nobody not in found
    assert {(each["status"], each["mdtReview"]) for each in found.values()} == {("candidate", "awaiting")}
    assert found[by_profile]["sources"]["practice-profile"]["detail"] == "High prevalence of COPD"
    assert found[by_word]["sources"]["clinical-judgement"]["detail"] == "Calls every week"
    records = parts(found[by_alert]["sources"]["clinical-alert"]["evidence"])
    assert records["reference"] == {"reference": f"Flag/{alert['id']}"}
    assert parts(found[by_score]["sources"]["risk-score"]["evidence"])["reference"]["reference"] in scores

    # the team accepts one of them and declines another
    meeting = part("meeting", valueReference={"reference": "Encounter/mdt-1"})
    accepted = entry(by_alert, "mdt-meeting")
    accepted["part"].append(meeting)
    declined = entry(by_profile, decision="decline", reason="Well and not wishing it")
    declined["part"].append(meeting)
    await register.post("practice", "case-register-entry", accepted, declined)
    found = await register.entries("?status=on-register&status=declined")
    assert {person: each["status"] for person, each in found.items()} == {
        by_alert: "on-register", by_profile: "declined"
    }
    assert (found[by_alert]["mdtReview"], found[by_alert]["meeting"]) == ("held", {"reference": "Encounter/mdt-1"})
    assert set(found[by_alert]["sources"]) == {"clinical-alert", "mdt-meeting"}
    await register.post("practice", "case-register-run", part("profileCharacteristics", valueInteger=1))
    assert by_profile not in await register.entries("?status=candidate"), "who was declined is not proposed again"


async def test_who_sees_what_of_a_register(register: CaseRegister) -> None:
    [person] = await people(register, 1)
    await register.enter(person)
    await register.post("practice", "case-register-sign-off", USED)
    for role in ("practice", "network", "operator"):
        assert len(values(await register.get(role, "case-register"), "entry")) == 1, role
        signed = await register.get(role, "case-register-sign-off", "?version=1")
        assert values(signed, "entry")[0][0] == {
            "name": "patient", "valueReference": {"reference": f"Patient/{person}"}
        }  # fmt: skip
    for operation in ("case-register", "case-register-sign-off", "case-register-query"):
        answer = await register.client("commissioner").request("GET", register.path(operation))
        assert answer.status_code == 200
        assert person not in answer.text
    for role in ("other", "community"):
        for operation in ("case-register", "case-register-sign-off", "case-register-query", "case-register-baseline"):
            answer = await register.client(role).request("GET", register.path(operation))
            assert answer.status_code == 404, (role, operation)
    asked = entry(person, "clinical-judgement")
    assert (await refusal(register, "commissioner", "case-register-entry", asked)).status == 403
    assert (await refusal(register, "other", "case-register-entry", asked)).status == 404
    path = register.path("case-register-sign-off") + "?version=1"
    answer = await register.client("commissioner").request("GET", path)
    assert answer.status_code == 403
    named = part("question", valueString=f"What of {register.here.nhs_number}?")
    refused = await refusal(register, "commissioner", "case-register-query", named)
    assert refused.status == 422
    assert register.here.nhs_number not in refused.text
    # a person of another practice is nobody here
    refused = await refusal(
        register, "practice", "case-register-entry", entry(register.here.neighbour, "clinical-judgement")
    )
    assert refused.status == 422


async def test_who_leads_another_service_of_the_network_finds_no_register(
    register: CaseRegister, http: httpx.AsyncClient
) -> None:
    statuses = {}
    for service in ("SMR", "PCPC"):
        user = await lead(register, service)
        token = register.here.system.token(register.here.codes["network"], user=user)
        client = FhirClient(http, register.here.system.url, token)
        statuses[service] = (await client.request("GET", register.path("case-register"))).status_code
    assert statuses == {"SMR": 404, "PCPC": 200}


async def lead(register: CaseRegister, service: str) -> str:
    """The network enters somebody who leads a service: `Practitioner/id`."""
    client = register.client("network")
    person = await client.create({"resourceType": "Practitioner", "active": True, "name": [{"family": "Adeyemi"}]})
    codes = [("network-lead", "service-lead"), ("network-service", service)]
    await client.create({
        "resourceType": "PractitionerRole", "active": True, "organization": register.here.reference("network"),
        "practitioner": {"reference": f"Practitioner/{person['id']}"}, "period": {"start": "2020-04-01"},
        "code": [{"coding": [{"system": f"{BASE}/CodeSystem/{system}", "code": code}]} for system, code in codes],
    })  # fmt: skip
    return f"Practitioner/{person['id']}"


async def test_each_person_has_one_named_professional_at_a_time(register: CaseRegister) -> None:
    lists = register.lists
    with_one, without = await people(register, 2)
    await register.enter(with_one, without)
    roles = [
        await lists.client.create({
            "resourceType": "PractitionerRole", "active": True, "organization": register.here.reference("practice"),
            "code": [{"text": title}],
        }) for title in ("Community matron", "Care co-ordinator")
    ]  # fmt: skip
    [group] = await lists.client.search(f"Group?code={REGISTER}")

    async def give(patient: str, professional: str, **more: str) -> list[object]:
        body = {"resourceType": "Parameters", "parameter": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
            {"name": "professional", "valueReference": {"reference": professional}},
            *({"name": name, "valueDate": value} for name, value in more.items()),
        ]}  # fmt: skip
        return values(await lists.client.call("POST", f"Group/{group['id']}/$assign", body), "assignment")

    first, second = (f"PractitionerRole/{each['id']}" for each in roles)
    await give(with_one, first, **{"from": "2020-06-01"})
    history = await give(with_one, second, **{"from": "2020-07-01"})
    assert [parts(each)["period"] for each in history] == [  # type: ignore[arg-type]
        {"start": "2020-06-01", "end": "2020-06-30"}, {"start": "2020-07-01"}
    ]  # fmt: skip
    for faulty in ((register.here.person, first), (with_one, "Practitioner/nobody"), (with_one, "Patient/1")):
        with pytest.raises(Refused) as refused:
            await give(*faulty)
        assert refused.value.status in (400, 422), faulty
    shown = await lists.client.call("GET", f"Group/{group['id']}/$caseload")
    [load] = values(shown, "professional")
    assert (parts(load)["title"], parts(load)["count"]) == ("Care co-ordinator", 1)
    assert values(shown, "without-professional") == [{"reference": f"Patient/{without}"}]
    for role in ("commissioner", "other"):
        answer = await register.client(role).request("GET", f"Group/{group['id']}/$caseload")
        assert answer.status_code == 404
    figures = await register.get("commissioner", "case-register")
    assert parts(values(figures, "professional")[0])["count"] == 1
    assert values(figures, "without-professional-count") == [1]


async def test_the_baseline_return_stays_as_it_was_and_invents_nothing(register: CaseRegister) -> None:
    first, second = await people(register, 2)
    await register.lists.admit_to_hospital(first, "2019-05-10")
    await register.lists.admit_to_hospital(first, "2020-05-10")
    await register.lists.client.caught_up()
    await register.enter(first)
    await register.post(
        "practice", "case-register-baseline", part("healthGain", valueString="Fewer falls")
    )
    await register.enter(second)
    await register.post("practice", "case-register-baseline", part("partners", valueString="The memory service"))
    assert (await refusal(register, "commissioner", "case-register-baseline",
                          part("healthGain", valueString="x"))).status == 403  # fmt: skip
    for role in ("practice", "commissioner"):
        frozen = await register.get(role, "case-register-baseline", "?number=1")
        fields = {parts(each)["name"]: parts(each) for each in values(frozen, "field")}
        assert fields["peopleOnRegister"]["value"] == 1
        assert fields["emergencyAdmissions"]["value"] == 1, "of the last whole financial year"
        assert fields["emergencyAdmissions"]["period"] == {"start": "2019-04-01", "end": "2020-03-31"}
        assert (fields["healthGain"]["state"], fields["healthGain"]["value"]) == ("stated", "Fewer falls")
        assert fields["collaboration"]["state"] == "not-stated"
        assert fields["peopleWhoConsentedToEnrichedSummary"]["state"] == "kept-elsewhere"
        assert "value" not in fields["peopleWhoConsentedToEnrichedSummary"]
    newest = await register.get("practice", "case-register-baseline")
    assert values(newest, "number") == [2]
    with pytest.raises(Refused) as nothing:
        await register.get("practice", "case-register-baseline", "?number=3")
    assert nothing.value.status == 404
