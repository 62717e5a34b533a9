"""`Group/$extract`: who is in it, who may ask for it, and that an interrupted one ends as if it had not been."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from typing import Any

import pytest

from cohort_service.domain.facts.person import Person
from cohort_service.extracts import extract_operation
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.person_rows import write_person
from tandem.canonical import DMD, SNOMED_CT
from tandem.database.connection import DatabaseUnavailable
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number
from tandem.record_facts.fact import Fact
from tandem_tests.identification_service import NETWORK, OTHER, PRACTICE, SECOND, Cohorts, values

EXTRACT = "Group/$extract"
DIABETES, RARE = "73211009", "44054006"
OPT_OUT = "827241000000103"
ASKED = [("smallestGroup", "5")]


async def person(cohorts: Cohorts, patient: str, practice: str, *more: Fact, died: int | None = None) -> None:
    """A woman of sixty-seven with diabetes and a medicine."""
    await cohorts.register(patient, practice)
    born = day_number(date(1953, 2, 3))
    known = [Fact(SNOMED_CT, DIABETES, day_number(date(2015, 3, 17)), value=48.5),
             Fact(DMD, "322236009", day_number(date(2020, 5, 4)), medicine=True), *more]  # fmt: skip
    async with cohorts.database.transaction() as connection:
        await write_person(connection, patient, Person(born, "female", died, None))
        await write_facts(connection, Concepts(), [RecordFacts(f"Condition/of-{patient}", patient, known)])


async def people(cohorts: Cohorts, count: int, practice: str, prefix: str = "p") -> list[str]:
    names = [f"{prefix}{number}" for number in range(count)]
    for name in names:
        await person(cohorts, name, practice)
    return names


async def parts_of(cohorts: Cohorts, organisation: str, manifest: dict[str, Any]) -> list[FhirResponse]:
    found = []
    for each in values(manifest, "part"):
        found.append(await cohorts.call(organisation, each["url"].removeprefix("http://localhost/fhir/")))
    assert all(part.status == 200 for part in found)
    return found


async def rows_of(cohorts: Cohorts, organisation: str, asked: Any = ASKED) -> list[dict[str, Any]]:
    manifest = await cohorts.ask(organisation, EXTRACT, asked)
    found = [
        json.loads(line) for part in await parts_of(cohorts, organisation, manifest) for line in part.body.splitlines()
    ]
    assert values(manifest, "people") == [len(found)]
    return found


async def test_rows_are_of_all_practices_of_the_network_under_pseudonyms(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)
    await people(cohorts, 4, SECOND, "q")
    await people(cohorts, 5, OTHER, "o")
    rows = await rows_of(cohorts, NETWORK)
    assert len({row["pseudonym"] for row in rows}) == 9
    assert sorted(str(row["practice"]) for row in rows) == [PRACTICE] * 5 + ["None"] * 4, "four are too few to be named"
    for row in rows:
        assert row == {
            "pseudonym": row["pseudonym"], "ageBand": "65-69", "sex": "female", "practice": row["practice"],
            "network": NETWORK, "cohorts": [], "housing": [], "education": [],
            "health": [{"system": SNOMED_CT, "code": DIABETES, "since": "2015-03"}],
            "medicines": [{"system": DMD, "code": "322236009", "since": "2020-05"}],
        }  # fmt: skip


async def test_what_fewer_than_ten_share_is_not_given_unless_a_smaller_group_is_asked_for(cohorts: Cohorts) -> None:
    await people(cohorts, 9, PRACTICE)
    [*rows] = await rows_of(cohorts, NETWORK, [])
    assert {(row["ageBand"], row["sex"], row["practice"], row["network"]) for row in rows} == {(None,) * 4}
    assert [row["health"] for row in rows] == [[]] * 9


async def test_a_code_that_few_have_is_left_out(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)
    await person(cohorts, "rare", PRACTICE, Fact(SNOMED_CT, RARE, 18_000))
    assert RARE not in json.dumps(await rows_of(cohorts, NETWORK))


async def test_who_opted_out_said_no_died_or_left_is_in_no_extract(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)
    await person(cohorts, "opted-out", PRACTICE, Fact(SNOMED_CT, OPT_OUT, 18_000))
    await person(cohorts, "died", PRACTICE, died=18_000)
    for name, against in (("no-to-all", ""), ("no-to-network", NETWORK), ("no-to-recipient", "RXP"),
                          ("no-to-another", "RXQ")):  # fmt: skip
        await person(cohorts, name, PRACTICE)
        await cohorts.execute(
            "INSERT INTO dissent (source, organisation_reference, organisation, patient) VALUES ($1, $2, $2, $3)",
            f"Consent/{name}", against, name,
        )  # fmt: skip
    assert len(await rows_of(cohorts, NETWORK, [*ASKED, ("recipient", "RXP")])) == 6, "and the one who refused another"


async def test_a_person_whose_record_is_closed_to_the_caller_is_not_given(cohorts: Cohorts) -> None:
    names = await people(cohorts, 6, PRACTICE)
    await cohorts.execute("DELETE FROM access WHERE patient = $1 AND organisation = $2", names[0], NETWORK)
    assert len(await rows_of(cohorts, NETWORK)) == 5
    assert len(await rows_of(cohorts, PRACTICE)) == 6


@pytest.mark.parametrize(("organisation", "asked", "status"), [
    ("RXP", [], 403), ("QQ1", [], 403), (PRACTICE, [("practice", SECOND)], 403), (NETWORK, [("practice", OTHER)], 403),
    (NETWORK, [("network", "U99999")], 403), (NETWORK, [("smallestGroup", "4")], 400),
    (NETWORK, [("smallestGroup", "many")], 400), (NETWORK, [("format", "xml")], 400),
    (NETWORK, [("purpose", "x")], 400), (NETWORK, [("recipient", "not a code")], 400),
    (NETWORK, [("newKey", "perhaps")], 400),
])  # fmt: skip
async def test_what_is_not_permitted_or_not_readable_leaves_nothing(
    cohorts: Cohorts, organisation: str, asked: Any, status: int
) -> None:
    await people(cohorts, 5, PRACTICE)
    assert (await cohorts.call(organisation, EXTRACT, asked)).status == status
    assert [await cohorts.count(table) for table in ("extract", "extract_part", "pseudonym_key")] == [0, 0, 0]
    assert (await cohorts.call(NETWORK, EXTRACT)).status == 405


async def test_while_consents_may_be_missing_there_is_no_extract(cohorts: Cohorts) -> None:
    cohorts.kernel.registered_only = lambda: True
    assert (await cohorts.call(NETWORK, EXTRACT, [])).status == 503


async def test_pseudonyms_are_one_recipients_until_its_key_is_replaced(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)

    async def names(organisation: str, *asked: tuple[str, Any]) -> set[str]:
        return {row["pseudonym"] for row in await rows_of(cohorts, organisation, [*ASKED, *asked])}

    first = await names(NETWORK)
    assert first == await names(NETWORK)
    others = [await names(NETWORK, ("recipient", "RXP")), await names(PRACTICE), await names(NETWORK, ("newKey", True))]
    cohorts.kernel.pseudonym_key = b"a setting of this service"
    others.append(await names(NETWORK))
    assert others[3] == await names(NETWORK)
    cohorts.clock.set(cohorts.clock.now() + timedelta(days=365))
    others.append(await names(NETWORK))
    assert len(set.union(first, *others)) == 5 * 6, "no two of them can be joined"
    keys = await cohorts.rows("SELECT number FROM pseudonym_key WHERE owner = $1 AND recipient = $1", NETWORK)
    assert keys == [{"number": 3}], "former keys are gone"


async def test_an_extract_as_csv_has_a_heading_and_a_line_for_each_person(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)
    manifest = await cohorts.ask(NETWORK, EXTRACT, [*ASKED, ("format", "csv")])
    [part] = await parts_of(cohorts, NETWORK, manifest)
    assert part.content_type.startswith("text/csv")
    rows = list(csv.DictReader(part.body.decode().splitlines()))
    assert len(rows) == 5
    assert {row["health"] for row in rows} == {f"{SNOMED_CT}|{DIABETES}@2015-03"}
    assert {(row["ageBand"], row["practice"], row["housing"]) for row in rows} == {("65-69", PRACTICE, "")}


async def test_parts_are_for_who_asked_and_for_seven_days(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)
    manifest = await cohorts.ask(NETWORK, EXTRACT, ASKED)
    [part] = [each["url"].removeprefix("http://localhost/fhir/") for each in values(manifest, "part")]
    assert (await cohorts.call(PRACTICE, part)).status == 404
    assert (await cohorts.call(NETWORK, part.replace("part=1", "part=2"))).status == 404
    assert (await cohorts.call(NETWORK, part.replace("part=1", "part=x"))).status == 400
    assert (await cohorts.call(NETWORK, "Group/$extract-part?extract=none&part=1")).status == 404
    assert (await cohorts.call("T0001", part, operator=True)).status == 200
    cohorts.clock.set(cohorts.clock.now() + timedelta(days=7))
    assert (await cohorts.call(NETWORK, part)).status == 404
    await cohorts.ask(NETWORK, EXTRACT, ASKED)
    assert await cohorts.count("extract_part") == 1, "the old part is deleted"


async def test_the_extract_and_each_fetch_are_audited(cohorts: Cohorts) -> None:
    await people(cohorts, 5, PRACTICE)
    manifest = await cohorts.ask(NETWORK, EXTRACT, ASKED)
    await parts_of(cohorts, NETWORK, manifest)
    rows = await cohorts.rows("SELECT organisation, action, type FROM audit WHERE action LIKE '$extract%' ORDER BY id")
    expected = [(NETWORK, "$extract", "Group"), (NETWORK, "$extract-part", "Group")]
    assert [tuple(row.values()) for row in rows] == expected


async def accepted(cohorts: Cohorts) -> str:
    answer = await cohorts.call(NETWORK, EXTRACT, ASKED, prefer="respond-async")
    assert answer.status == 202
    return answer.headers["Content-Location"].removeprefix("http://localhost/fhir/")



async def test_a_job_that_was_interrupted_ends_as_if_it_had_not_been(
    cohorts: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(cohorts, 7, PRACTICE)
    monkeypatch.setattr(extract_operation, "CHUNK", 2)
    whole = await rows_of(cohorts, NETWORK)
    job = await accepted(cohorts)
    written = extract_operation.extract_rows.keep_part

    async def dies_at_the_third(connection: Any, extract: str, number: int, *more: Any) -> None:
        await written(connection, extract, number, *more)
        if number == 3:
            raise DatabaseUnavailable("the server is restarted")

    monkeypatch.setattr(extract_operation.extract_rows, "keep_part", dies_at_the_third)
    assert await cohorts.jobs("one").run_one()
    await cohorts.execute("UPDATE job SET until = 0")
    assert (await cohorts.call(NETWORK, job)).status == 202
    monkeypatch.setattr(extract_operation.extract_rows, "keep_part", written)
    assert await cohorts.jobs("two").run_one()
    manifest = await cohorts.ask(NETWORK, job)
    rows = [json.loads(line) for part in await parts_of(cohorts, NETWORK, manifest) for line in part.body.splitlines()]
    assert rows == whole
    assert len(values(manifest, "part")) == 4


async def test_a_job_whose_key_was_replaced_while_it_waited_fails_and_says_so(
    cohorts: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(cohorts, 5, PRACTICE)
    job = await accepted(cohorts)

    async def dies(*_: Any) -> None:
        raise DatabaseUnavailable("the server is restarted")

    with monkeypatch.context() as dying:
        dying.setattr(extract_operation.extract_rows, "keep_part", dies)
        assert await cohorts.jobs("one").run_one()
    await cohorts.execute("UPDATE job SET until = 0")
    await cohorts.ask(NETWORK, EXTRACT, [*ASKED, ("newKey", True)])
    assert await cohorts.jobs("two").run_one()
    assert (await cohorts.call(NETWORK, job)).status == 409


async def test_a_cancelled_extract_leaves_nothing(cohorts: Cohorts, monkeypatch: pytest.MonkeyPatch) -> None:
    await people(cohorts, 5, PRACTICE)
    job = await accepted(cohorts)
    written = extract_operation.extract_rows.keep_part

    async def cancelled_meanwhile(*given: Any) -> None:
        await written(*given)
        await given[0].execute("UPDATE job SET cancelled = 1")

    monkeypatch.setattr(extract_operation.extract_rows, "keep_part", cancelled_meanwhile)
    assert await cohorts.jobs().run_one()
    assert (await cohorts.call(NETWORK, job)).status == 404
    assert [await cohorts.count(table) for table in ("extract", "extract_part")] == [0, 0]
