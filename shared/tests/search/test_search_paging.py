"""A walk over pages misses and repeats nothing, whatever the order, while others write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.dates import date_range
from tandem.fhir.search.ordering import KeyValue
from tandem.fhir.search.paging import PageToken, sign, verify, without_page

SECRET = b"a secret of the test's own"
DAYS = ["2020-01-01", "2020-01-02", "2020-01-03"]
ROW = st.fixed_dictionaries(
    {"status": st.sampled_from(["draft", "ready", "requested"])},
    optional={
        "priority": st.sampled_from(["routine", "urgent"]), "authoredOn": st.sampled_from(DAYS),
        "performerType": st.lists(st.sampled_from("xyz"), min_size=1, max_size=2).map(
            lambda codes: [{"coding": [{"code": code} for code in codes]}]
        ),
        "updated": st.integers(0, 3),
    },
)  # fmt: skip
ORDERS = ["status", "priority", "authored-on", "performer", "_lastUpdated", "_id"]
SORT = st.lists(st.tuples(st.sampled_from(ORDERS), st.booleans()), max_size=3, unique_by=lambda key: key[0])


def sort_value(row: dict[str, Any], name: str, descending: bool) -> KeyValue:
    match name:
        case "_id":
            return str(row["id"])
        case "_lastUpdated":
            return int(row["updated"])
        case "authored-on":
            return date_range(row["authoredOn"])[0] if "authoredOn" in row else None
        case "performer":
            codes = [coding["code"] for coding in row.get("performerType", [{"coding": []}])[0]["coding"]]
            return (max if descending else min)(codes, default=None)
        case _:
            return row.get(name)


def in_order(rows: list[dict[str, Any]], sort: list[tuple[str, bool]]) -> list[str]:
    ordered = sorted(rows, key=lambda row: row["key"], reverse=bool(sort) and sort[-1][1])
    for name, descending in reversed(sort):
        having = [row for row in ordered if sort_value(row, name, descending) is not None]
        without = [row for row in ordered if sort_value(row, name, descending) is None]
        # A stable sort keeps ties as they stand; reverse=True keeps them too.
        having.sort(key=lambda row: sort_value(row, name, descending), reverse=descending)  # type: ignore[arg-type,return-value]
        ordered = having + without
    return [row["id"] for row in ordered]


class Network:
    """Rows of one example, apart from those of others by their tag."""

    number = 0

    def __init__(self, store: Any) -> None:
        Network.number += 1
        self.store, self.tag, self.rows = store, f"example-{Network.number}", 0

    async def add(self, row: dict[str, Any]) -> dict[str, Any]:
        self.rows += 1
        # Ids run against the keys, so that an order by one is not that by the other.
        identity = f"{self.tag}-{1000 - self.rows}"
        members = {name: value for name, value in row.items() if name != "updated"}
        meta = {"tag": [{"code": self.tag}]}
        resource = {"resourceType": "Task", "id": identity, "intent": "order", "meta": meta, **members}
        key = await self.store.put(resource, updated=row.get("updated", 0))
        return {"updated": 0, **row, "id": identity, "key": key}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=9), later=st.lists(ROW, max_size=6), sort=SORT, size=st.integers(1, 4))
async def test_walk_in_both_directions(
    store: Any, rows: list[dict[str, Any]], later: list[dict[str, Any]], sort: list[tuple[str, bool]], size: int
) -> None:
    network = Network(store)
    there = [await network.add(row) for row in rows]
    expected, coming = in_order(there, sort), list(later)
    pairs = [("_tag", network.tag), ("_count", str(size))]
    if sort:
        pairs.append(("_sort", ",".join(f"{'-' if descending else ''}{name}" for name, descending in sort)))

    async def walk(start: PageToken | None, direction: str) -> tuple[list[str], Any]:
        seen: list[str] = []
        at, last = start, None
        while True:
            last = page = await store.page("Task", *pairs, at=at)
            if at is not None and page.matches:
                # The way that was come by leads back.
                assert (page.previous if direction == "next" else page.next) is not None
            found = [match.id for match in page.matches]
            assert len(found) <= size
            seen = seen + found if direction == "next" else found + seen
            if coming:
                await network.add(coming.pop())
            at = getattr(page, direction)
            if at is None:
                return seen, last
            at = verify(SECRET, sign(SECRET, "q", "A1", at.place, at.direction), "q", "A1")

    seen, last = await walk(None, "next")
    assert [identity for identity in seen if identity in expected] == expected
    assert len(seen) == len(set(seen))
    back, first = await walk(last.previous, "previous") if last.previous else ([], last)
    whole = back + [match.id for match in last.matches]
    assert [identity for identity in whole if identity in expected] == expected
    assert len(whole) == len(set(whole))
    assert first.previous is None


async def test_way_back_when_all_that_followed_has_gone(store: Any) -> None:
    network = Network(store)
    rows = [await network.add({"status": "draft"}) for _ in range(4)]
    for sort in ("_id", "-_id", "status", "-status"):
        pairs = (("_tag", network.tag), ("_count", "2"), ("_sort", sort))
        first = await store.page("Task", *pairs)
        after = [match.key for match in (await store.page("Task", *pairs, at=first.next)).matches]
        async with store.database.transaction() as connection:
            await connection.execute("UPDATE resource SET deleted = 1 WHERE key IN ($1, $2)", *after)
        gone = await store.page("Task", *pairs, at=first.next)
        assert gone.matches == ()
        assert gone.next is None
        again = await store.page("Task", *pairs, at=gone.previous)
        assert again.matches == first.matches
        async with store.database.transaction() as connection:
            await connection.execute("UPDATE resource SET deleted = 0 WHERE key IN ($1, $2)", *after)
    assert len(rows) == 4


@given(
    place=st.lists(st.none() | st.integers(-(2**62), 2**62) | st.text(max_size=9) | st.floats(-1e9, 1e9), max_size=4),
    query=st.text(max_size=9), organisation=st.text(max_size=9), direction=st.sampled_from(["next", "previous"]),
)  # fmt: skip
def test_tokens_come_back_and_belong_to_query_and_organisation(
    place: list[Any], query: str, organisation: str, direction: Any
) -> None:
    token = sign(SECRET, query, organisation, place, direction)
    assert verify(SECRET, token, query, organisation) == PageToken(direction, tuple(place))
    for other in (
        (SECRET, query + "x", organisation),
        (SECRET, query, organisation + "x"),
        (b"y", query, organisation),
    ):
        with pytest.raises(FhirError) as refused:
            verify(other[0], token, *other[1:])
        assert refused.value.kind is Kind.BAD_REQUEST


@given(st.data())
def test_no_character_of_a_token_can_be_changed(data: st.DataObject) -> None:
    token = sign(SECRET, "Task?status=draft", "A81001", ["2020", 7], "next")
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.!é").filter(lambda one: one != token[place]))
    with pytest.raises(FhirError):
        verify(SECRET, token[:place] + other + token[place + 1 :], "Task?status=draft", "A81001")


@pytest.mark.parametrize("token", ["", ".", "a", "a.b", "a.b.c", "é.é", "====.===="])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(FhirError):
        verify(SECRET, token, "", "")


def test_a_page_token_is_taken_from_the_pairs_once() -> None:
    assert without_page([("status", "x"), ("_page", "t")]) == ([("status", "x")], "t")
    with pytest.raises(FhirError):
        without_page([("_page", "t"), ("_page", "u")])


async def test_a_place_of_another_order_is_refused(store: Any) -> None:
    with pytest.raises(FhirError):
        await store.page("Task", ("_sort", "status"), at=PageToken("next", (1,)))
