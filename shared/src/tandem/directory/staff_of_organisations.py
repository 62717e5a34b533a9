"""Which kinds of staff organisations have: who was recruited where."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from tandem.database.connection import Connection
from tandem.directory.queries import Coded
from tandem.events.inbox_tables import among
from tandem.fhir.body import decode
from tandem.identity.references import PREFIX
from tandem.london_days import beginning_of, day_number
from tandem.nhs.staff_kinds import staff_kinds

_HELD: Final = "active = 1 AND starts < $1 AND ends > $2"


async def kinds_at_organisations(connection: Connection, codes: Collection[str], day: date) -> frozenset[str]:
    """The kinds (`tandem.nhs.staff_kinds`) of those PractitionerRoles at any of these organisations that hold that day.

    `codes` are codes of organisations; a role that names its organisation by `Organization/id` counts as well.
    """
    if not codes:
        return frozenset()
    condition, values = among(connection.dialect, "code", 1, sorted(codes))
    rows = await connection.fetch(f"SELECT id FROM directory_organisation WHERE {condition}", *values)
    named = sorted({*codes, *(PREFIX + row["id"] for row in rows)})
    number = day_number(day)
    condition, values = among(connection.dialect, "organisation", 3, named)
    roles = await connection.fetch(
        f"SELECT codes FROM directory_role WHERE {_HELD} AND {condition}", beginning_of(number + 1),
        beginning_of(number), *values,
    )  # fmt: skip
    return staff_kinds(
        Coded(each["system"], each["code"], each["display"]) for row in roles for each in decode(bytes(row["codes"]))
    )
