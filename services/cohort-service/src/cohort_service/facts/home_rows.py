"""The facts of the kinds of homes people live in, which follow from their stays and the homes' Organizations."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cohort_service.domain.facts.care_home_kinds import CODES, HomeKind, home_kind, kind_facts
from cohort_service.domain.networks.days import Days
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.current_records import CurrentRecord, current_records
from cohort_service.facts.fact_rows import record_numbers, replace_derived
from cohort_service.facts.person_rows import person_numbers
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.record_facts.fact import Fact

ORGANIZATION = "Organization"


async def write_home_kinds(
    connection: Connection, concepts: Concepts, records: Mapping[str, CurrentRecord]
) -> set[int]:
    """Write again in what homes everybody lives whose stay or home is among these records (by reference).

    The facts of the records themselves must be written before. Answers the numbers of those who have or had any.
    """
    patients = await _residents(connection, records)
    if not patients:
        return set()
    stays = await _stays(connection, patients)
    kinds = await _kinds(connection, {row["home"] for row in stays if row["home"] is not None})
    people = await person_numbers(connection, patients)
    numbers = await record_numbers(connection, {row["reference"] for row in stays})
    touched: set[int] = set()
    found: dict[tuple[str, str], dict[int, list[tuple[int, Fact]]]] = {
        code: {number: [] for number in people.values()} for code in CODES
    }
    for row in stays:
        # An episode that no follower has come to yet is written when it does.
        if row["home"] in kinds and row["reference"] in numbers:
            for fact in kind_facts(kinds[row["home"]], Days(row["first_day"], row["last_day"])):
                found[fact.system, fact.code][people[row["patient"]]].append((numbers[row["reference"]], fact))
    for code, facts in found.items():
        touched |= await replace_derived(connection, concepts, code, facts)
    return touched


async def _residents(connection: Connection, records: Mapping[str, CurrentRecord]) -> set[str]:
    """Whom a stay among the records is about, and who lives in a home among them."""
    episodes = [name for name in records if name.startswith("EpisodeOfCare/")]
    homes = [name for name in records if name.startswith(f"{ORGANIZATION}/")]
    found = {each.patient for name, each in records.items() if name in episodes and each.patient is not None}
    if homes:
        dialect = connection.dialect
        rows = await connection.fetch(
            "SELECT DISTINCT s.patient FROM care_home_stay s LEFT JOIN organisation o ON o.code = s.home"
            f" WHERE s.home_reference {among(dialect, '$1', 'text')} OR o.id {among(dialect, '$2', 'text')}",
            array(dialect, homes), array(dialect, [name.partition("/")[2] for name in homes]),
        )  # fmt: skip
        found |= {row["patient"] for row in rows}
    return found


async def _stays(connection: Connection, patients: Collection[str]) -> list[Row]:
    return list(await connection.fetch(
        "SELECT reference, patient, home, first_day, last_day FROM care_home_stay"
        f" WHERE patient {among(connection.dialect, '$1', 'text')} ORDER BY reference",
        array(connection.dialect, sorted(patients)),
    ))  # fmt: skip


async def _kinds(connection: Connection, homes: Collection[str]) -> dict[str, HomeKind]:
    """The kind of each home by its code; where two Organizations have one code, of the first that is active."""
    rows = await connection.fetch(
        f"SELECT code, MIN(id) AS id FROM organisation WHERE active = 1 AND code"
        f" {among(connection.dialect, '$1', 'text')} GROUP BY code",
        array(connection.dialect, sorted(homes)),
    )
    held = await current_records(connection, ((ORGANIZATION, row["id"]) for row in rows))
    return {
        row["code"]: home_kind(held[f"{ORGANIZATION}/{row['id']}"].body)
        for row in rows if f"{ORGANIZATION}/{row['id']}" in held
    }  # fmt: skip
