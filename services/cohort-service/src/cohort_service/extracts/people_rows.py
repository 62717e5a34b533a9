"""The people of an extract with what is known of them, some at a time.

Whoever has died, left, opted out, or said no to sharing with everybody, with who asks or with the recipient, is not
among them; nor is anybody whose record the caller may not see as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.extracts.opt_outs import Stated, opted_out
from cohort_service.domain.extracts.rows import ExtractPerson
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.identity.caller import Caller

_PEOPLE = """
SELECT p.number, p.patient, p.born, p.sex, t.practice
FROM person p JOIN patient t ON t.id = p.patient AND t.deleted = 0
WHERE p.number > $1 AND (p.died IS NULL OR p.died > $2) AND (p.left_on IS NULL OR p.left_on > $2)
  AND NOT EXISTS (SELECT 1 FROM dissent d WHERE d.patient = p.patient
                  AND (d.organisation_reference = '' OR d.organisation IN ($3, $4)))
"""
_SEEN = """
  AND EXISTS (SELECT 1 FROM access a WHERE a.patient = p.patient AND a.organisation = $3 AND a.starts <= $5
              AND a.ends > $5 AND a.reason IN ('registered', 'network'))
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose extract it is: `practices` None are all, `networks` is practice to network, `today` a day, `now` micros."""

    caller: Caller
    recipient: str
    practices: tuple[str, ...] | None
    networks: Mapping[str, str]
    today: int
    now: int


async def people_after(
    connection: Connection, wanted: Wanted, after: int, size: int
) -> tuple[list[ExtractPerson], int | None]:
    """The people among the next `size` who are given, and the number of the last one looked at; None at the end."""
    params: list[Any] = [after, wanted.today, wanted.caller.organisation, wanted.recipient]
    statement = _PEOPLE
    if not wanted.caller.sees_all:
        params.append(wanted.now)
        statement += _SEEN
    if wanted.practices is not None:
        params.append(array(connection.dialect, wanted.practices))
        statement += f" AND t.practice {among(connection.dialect, f'${len(params)}', 'text')}"
    rows = await connection.fetch(f"{statement} ORDER BY p.number LIMIT {size}", *params)
    if not rows:
        return [], None
    numbers = [row["number"] for row in rows]
    facts = await _stated(connection, "fact", numbers)
    medicines = await _stated(connection, "medicine", numbers)
    cohorts = await _cohorts(connection, [row["patient"] for row in rows])
    people = [
        _person(row, wanted, facts[row["number"]], medicines[row["number"]], cohorts[row["patient"]])
        for row in rows if not opted_out(facts[row["number"]], wanted.today)
    ]  # fmt: skip
    return people, numbers[-1]


def _person(
    row: Row, wanted: Wanted, facts: Sequence[Stated], medicines: Sequence[Stated], cohorts: Collection[str]
) -> ExtractPerson:
    network = wanted.networks.get(row["practice"] or "")
    return ExtractPerson(
        row["patient"], row["born"], row["sex"], row["practice"], network, tuple(cohorts), tuple(facts),
        tuple(medicines),
    )  # fmt: skip


async def _stated(connection: Connection, table: str, people: Sequence[int]) -> dict[int, list[Stated]]:
    rows = await connection.fetch(
        f"SELECT f.person, c.system, c.code, f.starts, f.ends FROM {table} f JOIN concept c ON c.number = f.concept"
        f" WHERE f.person {among(connection.dialect, '$1', 'bigint')}", array(connection.dialect, people),
    )  # fmt: skip
    found: dict[int, list[Stated]] = defaultdict(list)
    for row in rows:
        found[row["person"]].append((row["system"], row["code"], row["starts"], row["ends"]))
    return found


async def _cohorts(connection: Connection, patients: Sequence[str]) -> dict[str, list[str]]:
    rows = await connection.fetch(
        "SELECT patient, cohort FROM group_member WHERE until IS NULL"
        f" AND patient {among(connection.dialect, '$1', 'text')}", array(connection.dialect, patients),
    )  # fmt: skip
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["patient"]].append(row["cohort"])
    return found
