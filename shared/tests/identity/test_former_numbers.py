"""What NHS numbers a person had is kept by every service, whatever they have now."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.canonical import NHS_NUMBER
from tandem.database.connection import Database
from tandem.fhir.body import Resource
from tandem.identity.former_numbers import former_numbers, numbers_of_others
from tandem.identity.projection import project

OLD, NEW, OLDER = "9990001234", "9990005678", "9990009012"


def patient(*numbers: tuple[str, str | None]) -> Resource:
    identifiers: list[dict[str, Any]] = []
    for value, use in numbers:
        identifiers.append({"system": NHS_NUMBER, "value": value} | ({"use": use} if use else {}))
    return {"resourceType": "Patient", "identifier": identifiers}


@pytest.mark.parametrize(("versions", "now", "before"), [
    ([patient((OLD, None))], OLD, set()),
    ([patient((OLD, None)), patient((NEW, None))], NEW, {OLD}),
    ([patient(("999 000 1234", "old"), (NEW, "official"))], NEW, {OLD}),
    ([patient((NEW, None)), patient((NEW, None), (OLD, "old"), (OLDER, "old"))], NEW, {OLD, OLDER}),
    ([patient((OLD, "old"))], None, {OLD}),
    ([patient((OLD, None)), None], None, {OLD}),
    ([patient((OLD, None)), patient((NEW, None)), patient((OLD, None))], OLD, {OLD, NEW}),
    ([patient()], None, set()),
])  # fmt: skip
async def test_a_number_that_was_replaced_is_kept(
    database: Database, versions: list[Resource | None], now: str | None, before: set[str]
) -> None:
    async with database.transaction() as connection:
        for _ in range(2):
            for each in versions:
                await project(connection, "Patient", "her", each)
        assert await connection.fetchval("SELECT nhs_number FROM patient WHERE id = 'her'") == now
        assert await former_numbers(connection, "her") - {now} == before - {now}
        assert await former_numbers(connection, "other") == set()


async def test_a_number_that_somebody_else_has_now_is_theirs(database: Database) -> None:
    async with database.transaction() as connection:
        await project(connection, "Patient", "her", patient((NEW, None), (OLD, "old"), (OLDER, "old")))
        await project(connection, "Patient", "other", patient((OLD, None)))
        assert await numbers_of_others(connection, "her", {NEW, OLD, OLDER}) == {OLD}
        assert await numbers_of_others(connection, "her", set()) == set()
        assert await former_numbers(connection, "other") == set()
