"""The facts of stays in care homes, which follow from all statements of a person together."""

from __future__ import annotations

from collections.abc import Mapping

from cohort_service.domain.facts.care_home_stays import CODE, stay_facts
from cohort_service.domain.residency_codes import residency_codes
from cohort_service.domain.residency_statements import statement_of
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.current_records import CurrentRecord
from cohort_service.facts.fact_rows import record_numbers, replace_derived
from cohort_service.facts.person_rows import person_numbers
from cohort_service.facts.statement_rows import keep_statements, statements_about
from tandem.database.connection import Connection


async def write_stays(connection: Connection, concepts: Concepts, records: Mapping[str, CurrentRecord]) -> set[int]:
    """Weigh again where everybody lives whom these records (by reference) are or were about.

    Their facts must be written before. Answers the numbers of the people who have or had a stay.
    """
    codes = residency_codes()
    said = {reference: (each.patient, statement_of(each.body, codes)) for reference, each in records.items()}
    patients = await keep_statements(connection, said)
    if not patients:
        return set()
    stays = {
        patient: stay_facts(statements)
        for patient, statements in (await statements_about(connection, patients)).items()
    }
    people = await person_numbers(connection, patients)
    numbers = await record_numbers(connection, {reference for facts in stays.values() for reference, _ in facts})
    facts_of_people = {
        people[patient]: [(numbers[reference], fact) for reference, fact in facts] for patient, facts in stays.items()
    }
    return await replace_derived(connection, concepts, CODE, facts_of_people)
