"""How many urgent requests stand where: exactly to whoever may see the people, else without small numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from referral_service.clocks.clocks_operation import STATES
from tandem.database.connection import Connection
from tandem.fhir.parameters_answer import Parameter, coded, number, parts
from tandem.small_numbers import MASKED, disclosed_number

_COUNTED: Final = {
    "running": STATES["running"],
    "due-soon": STATES["due-soon"],
    "overdue": STATES["overdue"],
    "responded-in-time": f"({STATES['stopped']} AND m.settled <= m.due)",
    "responded-late": f"({STATES['stopped']} AND m.settled > m.due)",
    "closed": STATES["closed"],
}


async def counts(connection: Connection, where: str, params: Sequence[Any]) -> dict[str, int]:
    """The number of each state among the rows of `request_clock m` that meet a condition; `$1` is the moment."""
    sums = ", ".join(
        f"COALESCE(SUM(CASE WHEN {each} THEN 1 ELSE 0 END), 0) AS c{place}"
        for place, each in enumerate(_COUNTED.values())
    )
    row = await connection.fetchrow(f"SELECT {sums} FROM request_clock m WHERE {where}", *params)
    assert row is not None, "a sum has one row"
    return {state: int(row[f"c{place}"]) for place, state in enumerate(_COUNTED)}


def counts_shown(found: Mapping[str, int], *, exact: bool) -> list[Parameter]:
    """A `count` for each state; unless `exact`, rounded to five and masked from one to seven."""
    return [parts("count", [coded("state", state), _value(value, exact=exact)]) for state, value in found.items()]


def in_area_of(commissioner: str, params: list[Any], now: int) -> str:
    """The condition on `m.patient` of people of a commissioner's practices and networks; `now` in microseconds."""
    params += (commissioner, now)
    holder, at = f"${len(params) - 1}", f"${len(params)}"
    return (
        "EXISTS (SELECT 1 FROM patient p"
        f" JOIN membership n ON n.member = p.practice AND n.starts <= {at} AND n.ends > {at}"
        f" LEFT JOIN membership c ON c.member = n.holder AND c.starts <= {at} AND c.ends > {at}"
        f" WHERE p.id = m.patient AND (n.holder = {holder} OR c.holder = {holder}))"
    )


def _value(value: int, *, exact: bool) -> Parameter:
    shown = value if exact else disclosed_number(value)
    return {"name": "value", "_valueInteger": {"extension": [MASKED]}} if shown is None else number("value", shown)
