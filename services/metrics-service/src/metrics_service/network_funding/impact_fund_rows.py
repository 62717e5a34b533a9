"""The rows of the impact fund: rules of a year, and what networks achieved."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from metrics_service.domain.network_funding.impact_fund import ElementRule, Rules
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


async def rules_of(connection: Connection, year: str) -> Rules | None:
    """The newest rules of a financial year; None while none are published."""
    row = await connection.fetchrow(
        "SELECT version, rules_json FROM impact_fund_rules WHERE year = $1 ORDER BY version DESC LIMIT 1", year
    )
    if row is None:
        return None
    held = decode(bytes(row["rules_json"]))
    elements = tuple(
        ElementRule(each["element"], Decimal(each["points"]), Decimal(each["nothing"]), Decimal(each["full"]),
                    each["measure"])
        for each in held["elements"]
    )  # fmt: skip
    return Rules(year, row["version"], Decimal(held["point-value"]), elements, held["source"])


async def keep_rules(connection: Connection, rules: Rules, by: str, at: int) -> None:
    """Write the rules of a year as their version."""
    held = {
        "point-value": str(rules.point_value), "source": rules.source,
        "elements": [
            {"element": each.element, "points": str(each.points), "nothing": str(each.nothing), "full": str(each.full),
             "measure": each.measure}
            for each in rules.elements
        ],
    }  # fmt: skip
    await connection.execute(
        "INSERT INTO impact_fund_rules (year, version, rules_json, published_by, at) VALUES ($1, $2, $3, $4, $5)",
        rules.year, rules.version, encode(held), by, at,
    )  # fmt: skip


async def achievements_of(connection: Connection, network: str, year: str) -> dict[str, Decimal]:
    """What a network achieved in a year, by element."""
    rows = await connection.fetch(
        "SELECT element, value FROM impact_fund_achievement WHERE network = $1 AND year = $2 ORDER BY element",
        network, year,
    )  # fmt: skip
    return {row["element"]: Decimal(row["value"]) for row in rows}


async def keep_achievements(
    connection: Connection, network: str, year: str, values: Mapping[str, Decimal], by: str, at: int
) -> None:
    """Write what was achieved; a value takes the place of an earlier one of its element."""
    await connection.executemany(
        "INSERT INTO impact_fund_achievement (network, year, element, value, recorded_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (network, year, element) DO UPDATE SET value = excluded.value,"
        " recorded_by = excluded.recorded_by, at = excluded.at",
        [(network, year, element, str(value), by, at) for element, value in values.items()],
    )
