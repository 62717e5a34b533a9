"""To which lists of people a measure applies for an area, as it was set (AC-080)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from metrics_service.domain.london_days import Day
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.span import Span
from metrics_service.measures.area import Area
from metrics_service.measures.shipped import definition_with
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode
from tandem.identity.memberships import commissioners_of, holders_of
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.london_days import beginning_of, day_number


@dataclass(frozen=True, slots=True)
class Groups:
    """One setting: `lists` hold from `first` on in the area of `organisation`."""

    organisation: str
    number: int
    first: Day
    lists: tuple[str, ...]
    reason: str
    set_by: str


async def settings_of(connection: Connection, measure: str, organisation: str) -> list[Groups]:
    """Every setting of an organisation itself, in the order in which they were made."""
    rows = await connection.fetch(
        "SELECT * FROM measure_groups WHERE measure = $1 AND organisation = $2 ORDER BY number", measure, organisation
    )
    return [
        Groups(
            organisation, row["number"], row["first_day"], tuple(decode(row["lists"].encode())), row["reason"],
            row["set_by"],
        )
        for row in rows
    ]  # fmt: skip


async def keep_setting(connection: Connection, measure: str, setting: Groups, at: int) -> None:
    """Write the next setting of an organisation."""
    await connection.execute(
        "INSERT INTO measure_groups (measure, organisation, number, first_day, lists, reason, set_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        measure, setting.organisation, setting.number, setting.first, encode(list(setting.lists)).decode(),
        setting.reason, setting.set_by, at,
    )  # fmt: skip


async def applying(connection: Connection, definition: Definition, area: Area, span: Span) -> Definition:
    """The definition with the lists that hold for the area on the last day of the span.

    The area's own setting goes before its network's, and that before its commissioner's. The version then says which
    setting it was, such as 1+U12345.2.
    """
    if not definition.groups:
        return definition
    for organisation in await _setters(connection, area, span):
        begun = [each for each in await settings_of(connection, definition.id, organisation) if each.first <= span.last]
        if begun:
            newest = max(begun, key=lambda each: (each.first, each.number))
            found = definition_with(definition.id, definition.parameters, newest.lists)
            version = f"{definition.version}+{newest.organisation}.{newest.number}"
            return replace(found, version=version, baseline=definition.baseline)
    return definition


async def _setters(connection: Connection, area: Area, span: Span) -> list[str]:
    moment = beginning_of(day_number(date.fromordinal(span.last)))
    found = [area.code]
    if area.kind == PRACTICE:
        found += await holders_of(connection, area.code, NETWORK, moment)
    return [*found, *await commissioners_of(connection, area.code, moment)]

