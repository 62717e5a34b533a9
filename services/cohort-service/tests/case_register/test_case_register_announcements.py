"""What other services are told of a case register: decisions and baseline returns, and nobody on it."""

from __future__ import annotations

from typing import Any

from cohort_service.case_register.announcements import DECIDED, NAMED, RETURNED
from tandem.fhir.body import decode
from tandem_tests.identification_service import COMMISSIONER, PRACTICE, Cohorts

HERE = f"Organization/org-{PRACTICE}"


async def test_a_decision_and_a_return_are_told_and_name_nobody(cohorts: Cohorts) -> None:
    await cohorts.register("p1", PRACTICE)
    entry = ("entry", [("patient", "Patient/p1"), ("source", "clinical-judgement")])
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [entry])
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-sign-off", [("profileUse", "Everybody with COPD was seen")])
    assert await told(cohorts, DECIDED) == [], "a request is no decision"
    await cohorts.ask(COMMISSIONER, f"{HERE}/$case-register-sign-off", [("version", "1"), ("decision", "agree")])
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-baseline", [])

    [decided] = await told(cohorts, DECIDED)
    assert (decided["practice"], decided["version"], decided["state"]) == (PRACTICE, 1, "agreed")
    [returned] = await told(cohorts, RETURNED)
    fields = {each["part"][0]["valueCode"]: each["part"] for each in returned["fields"] if each["name"] == "field"}
    assert {"name": "value", "valueInteger": 1} in fields["peopleOnRegister"]
    assert "p1" not in str([decided, returned])


async def test_a_handover_is_told_with_all_professionals_of_the_person(cohorts: Cohorts) -> None:
    await cohorts.register("p1", PRACTICE)
    await cohorts.ask(PRACTICE, f"{HERE}/$case-register-entry", [
        ("entry", [("patient", "Patient/p1"), ("source", "clinical-judgement")])
    ])  # fmt: skip
    [group] = await cohorts.rows("SELECT id FROM cohort_group WHERE cohort = 'complex-and-frail'")
    for name in ("nurse", "doctor"):
        async with cohorts.database.transaction() as connection:
            await cohorts.work(connection).put({"resourceType": "Practitioner", "id": name})
        asked = [("patient", "Patient/p1"), ("professional", f"Practitioner/{name}")]
        await cohorts.ask(PRACTICE, f"Group/{group['id']}/$assign", asked)
        await cohorts.ask(PRACTICE, f"Group/{group['id']}/$assign", asked)

    first, second = await told(cohorts, NAMED)
    assert [each["professional"] for each in first["assignments"]] == ["Practitioner/nurse"]
    assert [each["professional"] for each in second["assignments"]] == ["Practitioner/nurse", "Practitioner/doctor"]
    assert (second["practice"], second["revision"]) == (PRACTICE, 2)


async def told(cohorts: Cohorts, kind: str) -> list[dict[str, Any]]:
    rows = await cohorts.rows("SELECT body FROM log WHERE kind = $1 ORDER BY id", kind)
    return [decode(bytes(row["body"])) for row in rows]
