"""Every table of every service is accounted for when a person is erased, and nobody else loses a row."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, MetaData
from sqlalchemy.types import Float, Integer

from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem.database.tables import declare_kernel_tables
from tandem.retention.erasing import erase
from tandem.retention.log_sweep import sweep_range
from tandem.service import Service

SERVICES = [point.load() for point in sorted(entry_points(group="tandem.services"))]
HER, OTHER = "5643a7bf-4ceb-4401-b003-361c4440f93b", "0c1d9a52-8f0e-4a55-9a4f-1f2f5f0c7d11"
IMPERSONAL = {
    "careplan-service": {
        "budget_year", "decision_situation", "local_agreement", "medication_review_policy", "pam_cohort",
    },
    "cohort-service": {
        "agreement_document", "cancer_target", "capacity_assumption", "catalogue_mark", "cohort_choice",
        "cohort_definition", "cohort_group", "concept", "erasure_answer", "erasure_order", "extract", "extract_part",
        "identification_coverage", "identification_run", "identification_run_practice", "identification_tool",
        "list_size", "network_affiliation", "offer_rate_request", "practice_profile", "product", "pseudonym_key",
        "pseudonym_setting", "register_baseline", "register_query", "register_run", "register_sign_off",
        "requirement_seed", "requirement_switch", "requirement_version", "screening_process", "sector_network",
        "service_lead", "staff_in_post", "standard_approach", "support_offer_area", "value_set", "value_set_member",
    },
    "mdt-service": {
        "duty", "duty_chase", "duty_given", "duty_register", "home_alignment", "mdt_team", "meeting_series",
        "review_appointment_policy", "round_policy", "round_series", "schedule_actor", "slot_time",
    },
    "metrics-service": {
        "assurance_collaboration", "assurance_form", "baseline_return", "concept", "fact_change", "funding_breakdown",
        "impact_fund_achievement", "impact_fund_rules", "measure_groups", "network_fund", "network_payment",
        "overview_read", "payment_recovery", "performance_decision", "practice_report", "product", "report_template",
        "role_claim", "scheme_payment", "scheme_variation", "unsettled_organisation",
    },
    "referral-service": {
        "cancer_criteria", "cancer_pathway", "cancer_protocol", "local_agreement", "message_address",
    },
}  # fmt: skip
"""Tables that hold nothing of a person: policies, organisations, counts. `directory_…` are about staff."""


def kernel_tables() -> set[str]:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    return set(metadata.tables)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_table_is_accounted_for(service: Service) -> None:
    theirs = {
        name for name, table in service.metadata.tables.items()
        if "patient" not in table.columns and not name.startswith("directory_")
    } - kernel_tables()  # fmt: skip
    assert theirs - set(service.erases) == IMPERSONAL[service.name]
    assert set(service.erases) <= theirs


def value_of(column: Column[Any], person: str, serial: int) -> Any:
    if column.name == "patient" or (column.table.name, column.name) == ("patient", "id"):
        return person
    if column.name == "kind" and column.table.name == "log":
        return f"tandem.fill.{serial}"
    if isinstance(column.type, LargeBinary):
        return b'{"about":"%b"}' % person.encode()
    if column.name.endswith("_json"):
        return f'{{"about":"{person}"}}'
    if isinstance(column.type, Float):
        return serial + 0.5
    if isinstance(column.type, Integer):
        return serial
    return f"{column.table.name}.{column.name}/{serial}"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_rows_of_one_person_go_and_of_another_stay(service: Service, database_url: str) -> None:
    await migrate(service, database_url)
    database = await open_database(database_url)
    tables = [table for table in service.metadata.sorted_tables if table.name not in ("lease", "cursor")]
    try:
        async with database.transaction() as connection:
            for serial, person in enumerate((HER, OTHER), 1):
                for table in tables:
                    names = [column.name for column in table.columns]
                    values = [value_of(column, person, serial) for column in table.columns]
                    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
                    await connection.execute(
                        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})", *values
                    )
        async with database.transaction() as connection:
            before = {table.name: await rows(connection, table.name, OTHER) for table in tables}
            went = await erase(connection, service, HER)
            assert went.total > 0
            assert await sweep_range(connection, went.traces, 0) == (1, None), "the fact that is no version of a record"
        async with database.read() as connection:
            assert {table.name: n for table in tables if (n := await rows(connection, table.name, HER))} == {}
            assert {table.name: await rows(connection, table.name, OTHER) for table in tables} == before
        async with database.transaction() as connection:
            assert (await erase(connection, service, HER)).total == 0, "done again it finds nothing"
            assert await sweep_range(connection, went.traces, 0) == (0, None)
    finally:
        await database.close()


async def rows(connection: Any, table: str, person: str) -> int:
    """How many rows name this person in any column."""
    return sum(
        any(person in (value.decode() if isinstance(value, bytes) else str(value)) for value in row.values())
        for row in map(dict, await connection.fetch(f"SELECT * FROM {table}"))
    )
