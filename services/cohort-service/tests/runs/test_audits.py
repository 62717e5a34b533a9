"""Tools are registered, and what they found elsewhere becomes a record of each person and puts people on a list."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from cohort_service.catalogue.shipped import install, shipped_value_sets
from cohort_service.domain.audit_findings import (
    MAX_ROWS,
    Tool,
    UnreadableAudit,
    audit_facts,
    audit_list,
    finding,
    findings_in_csv,
    tool_code,
)
from cohort_service.facts.record_follower import follow_records
from tandem.fhir.body import decode
from tandem.london_days import day_number
from tandem.nhs.nhs_number import synthetic_number
from tandem.service import Changed
from tandem_tests.identification_service import NETWORK, OTHER, PRACTICE, SECOND, Cohorts, values

TOOL = (("tool", "QOF prescribing safety"), ("toolVersion", "2019/20"))
ONE, TWO, OUTSIDE, NOBODY = (synthetic_number(each) for each in range(4))


@pytest.fixture
async def audited(cohorts: Cohorts) -> Cohorts:
    """Three people with numbers, the list of those the module named, and the tool registered by the network."""
    text = (files("cohort_service") / "definitions" / "smr-qof-prescribing-safety.yaml").read_text()
    async with cohorts.database.transaction() as connection:
        sets = [each for each in shipped_value_sets() if each.id == "qof-prescribing-safety"]
        await install(cohorts.work(connection), sets, {"smr-qof-prescribing-safety.yaml": text})
    await cohorts.register("p1", PRACTICE, ONE)
    await cohorts.register("q1", SECOND, TWO)
    await cohorts.register("o1", OTHER, OUTSIDE)
    await cohorts.ask(NETWORK, "Group/$register-tool", list(TOOL))
    return cohorts


async def imported(cohorts: Cohorts, by: str, *pairs: tuple[str, Any], day: str = "2020-06-15") -> Any:
    answer = await cohorts.call(by, "Group/$import-audit", [*TOOL, ("dataDate", day), *pairs])
    if answer.status == 200:
        await follow(cohorts)
    return answer


async def follow(cohorts: Cohorts) -> None:
    """What the follower of the log does after the commit."""
    async with cohorts.database.transaction() as connection:
        rows = await connection.fetch("SELECT id FROM resource WHERE type = 'List'")
        await follow_records([Changed("List", row["id"]) for row in rows], cohorts.work(connection))


async def listed(cohorts: Cohorts) -> set[str]:
    rows = await cohorts.rows("SELECT patient FROM group_member WHERE until IS NULL")
    return {row["patient"] for row in rows}


async def test_findings_by_number_or_reference_make_members_with_their_source(audited: Cohorts) -> None:
    spaced = f"{ONE[:3]} {ONE[3:6]} {ONE[6:]}"
    csv = f"NHS number,Finding,Text\n{spaced},AS-G,Aspirin without protection\n{TWO},,Two NSAIDs\n"
    answer = decode((await imported(audited, NETWORK, ("rows", csv))).body)
    assert values(answer, "matched") == [2]
    assert (values(answer, "tool"), values(answer, "dataDate")) == (["qof-prescribing-safety"], ["2020-06-15"])
    assert await listed(audited) == {"p1", "q1"}
    run = values(answer, "run")[0]
    found = values(await audited.ask(NETWORK, f"Group/$matches?run={run}"), "match")
    assert {each["patient"]["reference"] for each in found} == {"Patient/p1", "Patient/q1"}
    assert {(each["tool"], each["toolVersion"], each["dataDate"]) for each in found} == {
        ("qof-prescribing-safety", "2019/20", "2020-06-15")
    }
    own = values(await audited.ask(PRACTICE, f"Group/$matches?run={run}"), "match")
    assert [each["patient"]["reference"] for each in own] == ["Patient/p1"], "a practice sees its own"
    kept = await audited.ask(PRACTICE, own[0]["source"]["reference"])
    assert kept["entry"][0]["flag"]["coding"][0]["code"] == "qof-prescribing-safety/as-g"
    assert (await audited.call(OTHER, f"Group/$matches?run={run}")).status == 404


async def test_rows_as_parameters(audited: Cohorts) -> None:
    row = [("patient", "Patient/p1"), ("finding", "AS-G")]
    assert (await imported(audited, PRACTICE, ("row", row), ("row", [("nhsNumber", ONE), ("text", "x")]))).status == 200
    assert await listed(audited) == {"p1"}


async def test_what_matches_nobody_in_care_is_told_by_line_without_its_number(audited: Cohorts) -> None:
    wrong = ONE[:9] + str((int(ONE[9]) + 1) % 10)
    csv = f"nhs_number,text\n{ONE},a\n{OUTSIDE},b\n{NOBODY},c\n{wrong},d\n,e\n{TWO},\n"
    answer = (await imported(audited, NETWORK, ("rows", csv))).body
    unmatched = {each["line"]: each["reason"] for each in values(decode(answer), "unmatched")}
    assert sorted(unmatched) == [3, 4, 5, 6, 7]
    assert unmatched[3].removeprefix("Line 3") == unmatched[4].removeprefix("Line 4"), "whether they exist is not told"
    for number in (ONE, TWO, OUTSIDE, NOBODY, wrong):
        assert number.encode() not in answer
    assert await listed(audited) == {"p1"}


async def test_a_later_audit_that_names_a_person_no_more_takes_them_off(audited: Cohorts) -> None:
    await imported(audited, NETWORK, ("rows", f"nhs_number,text\n{ONE},a\n{TWO},b\n"))
    later = await imported(audited, NETWORK, ("rows", f"nhs_number,text\n{TWO},b\n"), day="2020-06-20")
    assert later.status == 200
    assert await listed(audited) == {"q1"}
    older = await imported(audited, NETWORK, ("rows", f"nhs_number,text\n{ONE},a\n"), day="2020-06-19")
    assert older.status == 409
    assert (await imported(audited, PRACTICE, ("rows", f"nhs_number,text\n{ONE},a\n"), day="2020-06-19")).status == 409
    assert await listed(audited) == {"q1"}


@pytest.mark.parametrize(
    ("status", "by", "pairs", "day"),
    [
        (400, NETWORK, (), "2020-06-15"),
        (400, NETWORK, (("rows", "name\nAda"),), "2020-06-15"),
        (400, NETWORK, (("rows", 'nhs_number,text\n"unfinished'),), "2020-06-15"),
        (400, NETWORK, (("rows", "nhs_number,text\n"),), "2020-06-15"),
        (400, NETWORK, (("row", [("colour", "blue")]),), "2020-06-15"),
        (400, NETWORK, (("rows", "patient,text\np1,a"), ("row", [("patient", "p1")])), "2020-06-15"),
        (400, NETWORK, (("rows", "patient,text\np1,a"),), "June"),
        (413, NETWORK, (("rows", "patient,text\n" + "p1,a\n" * (MAX_ROWS + 1)),), "2020-06-15"),
        (422, NETWORK, (("rows", "patient,text\np1,a"),), "2020-07-02"),
        (422, OTHER, (("rows", "patient,text\no1,a"),), "2020-06-15"),
        (403, PRACTICE, (("rows", "patient,text\nq1,a"), ("practice", SECOND)), "2020-06-15"),
        (403, "RXP", (("rows", "patient,text\np1,a"),), "2020-06-15"),
    ],
)
async def test_an_audit_is_refused_whole(
    audited: Cohorts, status: int, by: str, pairs: tuple[tuple[str, Any], ...], day: str
) -> None:
    answer = await imported(audited, by, *pairs, day=day)
    assert answer.status == status, answer.body
    for table in ("identification_run", "identification_match"):
        assert await audited.count(table) == 0
    assert await audited.rows("SELECT id FROM resource WHERE type = 'List'") == []


async def test_a_tool_is_registered_in_versions_and_named_by_runs(audited: Cohorts) -> None:
    for version in ("1", "2", "2"):
        await audited.ask(PRACTICE, "Group/$register-tool", [("tool", "PINCER"), ("toolVersion", version)])
    told = values(await audited.ask(PRACTICE, "Group/$tools"), "tool")
    assert [(each["code"], each["version"]) for each in told] == [
        ("pincer", "1"), ("pincer", "2"), ("qof-prescribing-safety", "2019/20"),
    ]  # fmt: skip
    assert values(await audited.ask(OTHER, "Group/$tools"), "tool") == []
    run = await audited.ask(PRACTICE, "Group/$identify", [("tool", "PINCER"), ("toolVersion", "2"), ("dryRun", True)])
    assert (values(run, "tool"), values(run, "toolVersion")) == (["pincer"], ["2"])
    assert (await audited.call(PRACTICE, "Group/$register-tool", [("tool", "..."), ("toolVersion", "1")])).status == 400
    assert (await audited.call("RXP", "Group/$register-tool", list(TOOL))).status == 403


def test_the_list_of_a_person_says_the_tool_and_each_finding_until_it_is_retired() -> None:
    tool = Tool("pincer", "PINCER", "2")
    coded = finding(2, {"patient": "p1", "finding": "GI-A", "text": "NSAID"})
    said = [coded, finding(3, {"patient": "p1", "text": "x"})]
    kept = audit_list(tool, "p1", said, date(2020, 6, 15))
    facts = audit_facts(kept)
    assert {(each.code, each.starts) for each in facts} == {
        ("pincer", day_number(date(2020, 6, 15))), ("pincer/gi-a", day_number(date(2020, 6, 15))),
    }  # fmt: skip
    assert audit_facts({**kept, "status": "retired"}) == []
    assert audit_facts({**kept, "status": "entered-in-error"}) == []
    assert audit_facts({**kept, "code": {"text": "Allergies"}}) == []
    assert audit_list(tool, "p1", reversed(said), date(2020, 6, 15)) == kept


def test_names_of_tools_and_headings() -> None:
    assert tool_code("Eclipse Live") == "eclipse-live"
    assert tool_code("ePACT2") == "epact2"
    assert [each.line for each in findings_in_csv("\ufeffPatient,Text\np1,a\n\np2,b")] == [2, 4]
    with pytest.raises(UnreadableAudit):
        findings_in_csv("")
    with pytest.raises(UnreadableAudit):
        findings_in_csv("patient,patient\np1,p1")
