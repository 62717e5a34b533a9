"""Search equals a plain filter in Python over random data."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CODES, SYSTEMS = ["x", "y", "X"], [None, "urn:a", "urn:b"]
TOKEN = st.tuples(st.sampled_from(SYSTEMS), st.sampled_from(CODES))
TOKENS = st.lists(TOKEN, max_size=3)
HOURS = st.integers(0, 40) | st.sampled_from([0, 24, 48])
PERIOD = st.tuples(HOURS | st.none(), HOURS | st.none()).map(
    lambda ends: ends if None in ends else tuple(sorted(ends))  # type: ignore[type-var]
)
QUERY_TOKENS = st.lists(
    st.tuples(st.sampled_from(["any", "none", "a"]), st.sampled_from([*CODES, None])), min_size=1, max_size=3
)
PREFIXES = st.sampled_from(["", "eq", "ne", "lt", "le", "gt", "ge", "sa", "eb"])
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
numbers = iter(range(10_000_000))


def coding(token: tuple[str | None, str]) -> dict[str, str]:
    return {"code": token[1]} | ({"system": token[0]} if token[0] else {})


def instant(hour: int) -> str:
    """Midnights are written as whole days, so that ranges touch."""
    if hour % 24 == 0:
        return f"2020-01-{1 + hour // 24:02d}"
    return f"2020-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z"


def width(hour: int) -> float:
    return 24 if hour % 24 == 0 else 1 / 3600


async def load(store: Any, members: list[dict[str, Any]]) -> str:
    tag = f"oracle-{next(numbers)}"
    async with store.database.transaction() as connection:
        for place, one in enumerate(members):
            resource = {"resourceType": "CarePlan", "id": f"{tag}-{place}", "meta": {"tag": [{"code": tag}]}, **one}
            await store.put_in(connection, resource)
    return tag


async def found(store: Any, tag: str, *pairs: tuple[str, str]) -> list[int]:
    ids = await store.ids("CarePlan", ("_tag", tag), *pairs)
    return [int(identity.rpartition("-")[2]) for identity in ids]


def asked_token(value: tuple[str, str | None]) -> str | None:
    system, code = value
    match system:
        case "any":
            return code
        case "none":
            return f"|{code}" if code else None
        case _:
            return f"urn:{system}|{code or ''}"


def token_matches(value: tuple[str, str | None], token: tuple[str | None, str]) -> bool:
    system, code = value
    wanted = {"any": True, "none": token[0] is None, "a": token[0] == "urn:a"}[system]
    return wanted and code in (None, token[1])


@SETTINGS
@given(st.lists(TOKENS, max_size=6), st.lists(QUERY_TOKENS, min_size=1, max_size=2), st.booleans())
async def test_tokens(store: Any, held: list[list[Any]], criteria: list[list[Any]], negated: bool) -> None:
    tag = await load(
        store, [{"category": [{"coding": [coding(t) for t in tokens]}]} if tokens else {} for tokens in held]
    )
    expected, pairs = set(range(len(held))), []
    for values in criteria:
        values = [value for value in values if asked_token(value) is not None] or [("any", "x")]
        pairs.append(
            ("category:not" if negated else "category", ",".join(asked_token(value) or "" for value in values))
        )
        hits = {n for n, tokens in enumerate(held) if any(token_matches(v, t) for v in values for t in tokens)}
        expected = expected - hits if negated else expected & hits
    assert await found(store, tag, *pairs) == sorted(expected)


def date_matches(prefix: str, low: int, high: int, target: tuple[float, float]) -> bool:
    start, end = target
    within = low <= start and end <= high
    return {
        "": within, "eq": within, "ne": not within, "gt": end > high, "lt": start < low, "ge": end > high or within,
        "le": start < low or within, "sa": start >= high, "eb": end <= low,
    }[prefix]  # fmt: skip


@SETTINGS
@given(st.lists(PERIOD, max_size=6), PREFIXES, HOURS, st.booleans())
async def test_dates(
    store: Any, held: list[tuple[int | None, int | None]], prefix: str, hour: int, whole_day: bool
) -> None:
    periods = [
        {name: instant(at) for name, at in zip(("start", "end"), ends, strict=True) if at is not None} for ends in held
    ]
    tag = await load(store, [{"period": period} if period else {} for period in periods])
    spans = [
        (start if start is not None else float("-inf"), end + width(end) if end is not None else float("inf"))
        for start, end in held
    ]
    asked = hour // 24 * 24 if whole_day else hour
    low, high, text = asked, asked + width(asked), instant(asked)
    expected = [
        place for place, span in enumerate(spans)
        if held[place] != (None, None) and date_matches(prefix, low, high, span)  # type: ignore[arg-type]
    ]  # fmt: skip
    assert await found(store, tag, ("date", prefix + text)) == expected
