"""What networks chose, and the practices that are theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from cohort_service.domain.network_choices import Choice
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode
from tandem.london_days import beginning_of, date_of, day_number


async def all_choices(connection: Connection) -> list[Choice]:
    """Every choice that was made, past ones included."""
    return [_choice(row) for row in await connection.fetch("SELECT * FROM cohort_choice")]


async def choices_of(connection: Connection, organisations: Collection[str] | None) -> list[Row]:
    """The rows of these organisations, of all with None, by cohort and day."""
    where = "1=1" if organisations is None else f"organisation {among(connection.dialect, '$1', 'text')}"
    params = [] if organisations is None else [array(connection.dialect, sorted(organisations))]
    return list(
        await connection.fetch(
            f"SELECT * FROM cohort_choice WHERE {where} ORDER BY organisation, cohort, from_day", *params
        )
    )


async def keep(connection: Connection, choice: Choice, made: int, by: str) -> None:
    """Write a choice; one of the same organisation, cohort and day is replaced. `made` is in microseconds."""
    await connection.execute(
        "INSERT INTO cohort_choice (organisation, cohort, from_day, switched_on, parameters, made, made_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation, cohort, from_day) DO UPDATE SET"
        " switched_on = excluded.switched_on, parameters = excluded.parameters, made = excluded.made,"
        " made_by = excluded.made_by",
        choice.organisation, choice.cohort, day_number(choice.from_), int(choice.switched_on),
        encode(dict(choice.parameters)), made, by,
    )  # fmt: skip


async def practices_of(
    connection: Connection, networks: Collection[str], day: date
) -> dict[str, tuple[str, ...]]:
    """Network -> the codes of its members on that day, in order."""
    if not networks:
        return {}
    last_moment = beginning_of(day_number(day) + 1) - 1
    rows = await connection.fetch(
        "SELECT DISTINCT holder, member FROM membership WHERE member IS NOT NULL AND starts <= $2 AND ends > $2"
        f" AND holder {among(connection.dialect, '$1', 'text')} ORDER BY holder, member",
        array(connection.dialect, sorted(networks)), last_moment,
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["holder"], []).append(row["member"])
    return {network: tuple(members) for network, members in found.items()}


async def networks_of(connection: Connection, member: str, now_us: int) -> set[str]:
    """The networks that an organisation belongs to at a moment."""
    rows = await connection.fetch(
        "SELECT DISTINCT holder FROM membership WHERE member = $1 AND holder IS NOT NULL AND starts <= $2"
        " AND ends > $2", member, now_us,
    )  # fmt: skip
    return {row["holder"] for row in rows}


def parameters_of(row: Row) -> dict[str, int]:
    """The parameters that a choice changed."""
    return dict(decode(bytes(row["parameters"]))) if row["parameters"] is not None else {}


def _choice(row: Row) -> Choice:
    return Choice(
        row["organisation"], row["cohort"], date_of(row["from_day"]), bool(row["switched_on"]),
        tuple(sorted(parameters_of(row).items())),
    )  # fmt: skip
