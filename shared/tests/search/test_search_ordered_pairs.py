"""The inbox search by owner and status: the same answer as by looking at each Task, page by page, in its order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.canonical import ODS_CODE
from tandem.fhir.search import ordered_pairs
from tandem.fhir.search.query import parse_query
from tandem.fhir.search.sql import page_sql
from tandem.fhir.search.where import everything

OWNERS, STATUSES = ("a", "b", "c"), ("requested", "accepted", "completed")
Told = tuple[str, str, int, str]
"""Owner, status, when (microseconds), and how the owner is named: by reference, code, or both."""
TOLD = st.tuples(
    st.sampled_from(OWNERS), st.sampled_from(STATUSES), st.integers(0, 5), st.sampled_from(("ref", "code", "both"))
)


def a_task(number: int, told: Told) -> dict[str, Any]:
    owner, status, _, named = told
    reference = {"reference": f"Organization/{owner}"} if named != "code" else {}
    code = {"identifier": {"system": ODS_CODE, "value": owner}} if named != "ref" else {}
    return {"resourceType": "Task", "id": f"t{number}", "status": status, "intent": "order",
            "owner": {**reference, **code}}  # fmt: skip


async def pages(store: Any, *pairs: tuple[str, str]) -> list[str]:
    found: list[str] = []
    page = await store.page("Task", *pairs)
    while True:
        found += [each.id for each in page.matches]
        if page.next is None:
            return found
        page = await store.page("Task", *pairs, at=page.next)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(TOLD, max_size=12), owners=st.sets(st.sampled_from(OWNERS), min_size=1),
    statuses=st.sets(st.sampled_from(STATUSES), min_size=1), by_code=st.booleans(), backwards=st.booleans(),
)  # fmt: skip
async def test_a_search_by_owner_and_status_finds_what_looking_at_each_finds(
    store: Any, told: list[Told], owners: set[str], statuses: set[str], by_code: bool, backwards: bool
) -> None:
    async with store.database.transaction() as connection:
        for table in ("resource", "log", "search_token", "search_date", "search_string"):
            await connection.execute(f"DELETE FROM {table}")
        for number, each in enumerate(told):
            await store.put_in(connection, a_task(number, each), updated=each[2])
    named = [f"{ODS_CODE}|{each}" if by_code else f"Organization/{each}" for each in sorted(owners)]
    asked = ("owner:identifier" if by_code else "owner", ",".join(named))
    found = await pages(
        store, asked, ("status", ",".join(sorted(statuses))),
        ("_sort", "-_lastUpdated" if backwards else "_lastUpdated"), ("_count", "2"),
    )  # fmt: skip
    wanted = [
        (at, number)
        for number, (owner, status, at, naming) in enumerate(told)
        if owner in owners and status in statuses and naming != ("ref" if by_code else "code")
    ]
    assert found == [f"t{number}" for _, number in sorted(wanted, reverse=backwards)]


async def test_what_shares_a_number_by_chance_is_no_match(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered_pairs, "crc32", lambda _: 7)
    for number, owner in enumerate(("a", "b", "a")):
        await store.put(a_task(number, (owner, "requested", number, "both")), updated=number)
    found = await store.ids("Task", ("owner", "Organization/a"), ("status", "requested"), ("_sort", "-_lastUpdated"))
    assert found == ["t2", "t0"]


@pytest.mark.parametrize(("pairs", "by_pair"), [
    ([("owner", "Organization/a"), ("status", "requested")], True),
    ([("owner:identifier", f"{ODS_CODE}|a"), ("status", "requested,accepted"), ("priority", "urgent")], True),
    ([("owner", "Organization/a"), ("status:not", "completed")], False),
    ([("owner", "Organization/a"), ("owner:missing", "false")], False),
    ([("owner:identifier", "a"), ("status", "requested")], False),
    ([("owner:identifier", f"{ODS_CODE}|"), ("status", "requested")], False),
    ([("owner", "Organization/a"), ("status", "requested"), ("patient", "Patient/1")], False),
    ([("owner", ",".join(f"Organization/{each}" for each in range(50))), ("status", "requested")], False),
])  # fmt: skip
def test_which_searches_go_by_the_pair(pairs: list[tuple[str, str]], by_pair: bool) -> None:
    sql, _ = page_sql(parse_query("Task", pairs, False), everything, "sqlite", limit=11)
    assert ("search_date" in sql) is by_pair
