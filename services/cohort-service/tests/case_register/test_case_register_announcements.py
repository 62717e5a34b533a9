"""What other services are told of a case register: decisions and baseline returns, and nobody on it."""

from __future__ import annotations

from cohort_service.case_register.announcements import DECIDED, RETURNED
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


async def told(cohorts: Cohorts, kind: str) -> list[dict[str, object]]:
    rows = await cohorts.rows("SELECT body FROM log WHERE kind = $1 ORDER BY id", kind)
    return [decode(bytes(row["body"])) for row in rows]
