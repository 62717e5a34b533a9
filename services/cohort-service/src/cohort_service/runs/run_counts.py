"""What a run counts: by practice and cohort, in the database, a chunk of people at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cohort_service.domain.identification_stages import Stages
from cohort_service.selection.compile import members_sql
from cohort_service.selection.people_scope import scope_of
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Dialect
from tandem.database.own_plan import planned_anew

Counts = dict[str, dict[str, int]]
"""Practice -> what is counted -> how many. Cohorts by their ids; the other keys begin with `#`."""

POPULATION = "#population"
"""People looked at."""
DISTINCT = "#distinct"
"""People in at least one of the cohorts, each once (PCN-032)."""
SEGMENTATION = "#segmentation"
STRATIFICATION = "#stratification"

_PEOPLE = "FROM person p JOIN patient t ON t.id = p.patient AND t.deleted = 0 WHERE p.number > $1"

_LOCATED = """
WITH selected AS ({members}), located AS (
  SELECT s.cohort, s.person, COALESCE(t.practice, '') AS practice
  FROM selected s JOIN person p ON p.number = s.person JOIN patient t ON t.id = p.patient
)"""
_COUNTED = """
SELECT practice, cohort AS counted, COUNT(DISTINCT person) AS n FROM located GROUP BY practice, cohort
UNION ALL SELECT practice, '#distinct', COUNT(DISTINCT person) FROM located GROUP BY practice
"""
_STAGED = """
UNION ALL SELECT practice, '#segmentation', COUNT(DISTINCT person) FROM located
WHERE cohort {segmentation} GROUP BY practice
UNION ALL SELECT practice, '#stratification', COUNT(DISTINCT person) FROM located
WHERE cohort {stratification} AND person IN (SELECT person FROM located WHERE cohort {segmentation}) GROUP BY practice
"""
_LISTED = """
INSERT INTO identification_run_person (run, patient, points, cohorts)
WITH selected AS ({members})
SELECT {run}, p.patient, SUM(s.rank), {reasons}
FROM selected s JOIN person p ON p.number = s.person
GROUP BY p.patient
HAVING MAX(CASE WHEN s.cohort {segmentation} THEN 1 ELSE 0 END) = 1
   AND MAX(CASE WHEN s.cohort {stratification} THEN 1 ELSE 0 END) = 1
"""


async def people_after(
    connection: Connection, after: int, practices: Sequence[str] | None, size: int
) -> list[tuple[int, str]]:
    """The next `size` people by number, each with the practice (empty while it is not known)."""
    narrowed, params = _narrowed(connection, practices)
    rows = await connection.fetch(
        f"SELECT p.number, COALESCE(t.practice, '') AS practice {_PEOPLE}{narrowed} ORDER BY p.number LIMIT {size}",
        after, *params,
    )  # fmt: skip
    return [(row["number"], row["practice"]) for row in rows]


async def people_in_all(connection: Connection, practices: Sequence[str] | None) -> int:
    """How many people there are to look at."""
    narrowed, params = _narrowed(connection, practices)
    total: int = await connection.fetchval(f"SELECT COUNT(*) {_PEOPLE}{narrowed}", 0, *params)
    return total


async def counted(
    connection: Connection, selection: Selection, cohorts: Sequence[str], as_of: date, people: Sequence[int],
    stages: Stages | None,
) -> Counts:  # fmt: skip
    """What there is to count among these people. What is nowhere counted is not in the answer."""
    members, params = _members(selection, cohorts, as_of, connection.dialect, people)
    statement = _LOCATED.format(members=members) + _COUNTED
    if stages is not None:
        statement += _STAGED.format(**_conditions(connection.dialect, params, stages))
    found: Counts = {}
    # A plan kept from chunk to chunk is made for ten people, and slow for thousands.
    async with planned_anew(connection):
        rows = await connection.fetch(statement, *params)
    for row in rows:
        found.setdefault(row["practice"], {})[row["counted"]] = row["n"]
    return found


async def keep_priority_list(
    connection: Connection, selection: Selection, stages: Stages, as_of: date, people: Sequence[int], run: str
) -> None:
    """Keep who of these people is on the run's priority list: in a segment, and at risk.

    Asked again of the same people, what it kept before is replaced.
    """
    dialect = connection.dialect
    await connection.execute(
        "DELETE FROM identification_run_person WHERE run = $2 AND patient IN"
        f" (SELECT patient FROM person WHERE number {among(dialect, '$1', 'bigint')})",
        array(dialect, people), run,
    )  # fmt: skip
    reasons = "string_agg(DISTINCT s.cohort, ' ')" if dialect == "postgresql" else "group_concat(s.cohort, ' ')"
    members, params = _members(selection, stages.cohorts, as_of, dialect, people)
    params.append(run)
    statement = _LISTED.format(
        run=f"${len(params)}", members=members, reasons=reasons, **_conditions(dialect, params, stages)
    )
    # A plan kept from chunk to chunk is made for ten people, and slow for thousands.
    async with planned_anew(connection):
        await connection.execute(statement, *params)


async def forget_priority_list(connection: Connection, run: str) -> None:
    """Forget the list of a run that was given up, and those of runs that were cancelled while nobody worked on them."""
    await connection.execute(
        "DELETE FROM identification_run_person WHERE run = $1 OR (run NOT IN (SELECT id FROM identification_run)"
        " AND run IN (SELECT REPLACE(id, 'cohort-service.', '') FROM job WHERE state = 'cancelled'))", run,
    )  # fmt: skip


def add(total: Counts, more: Counts) -> None:
    """Add what another chunk of people gave; people are in one chunk only, so distinct people add up too."""
    for practice, counts in more.items():
        kept = total.setdefault(practice, {})
        for name, number in counts.items():
            kept[name] = kept.get(name, 0) + number


def in_all(counts: Counts) -> dict[str, int]:
    """The counts of all practices together."""
    together: Counts = {}
    for each in counts.values():
        add(together, {"": each})
    return together.get("", {})


def _members(
    selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect, people: Sequence[int]
) -> tuple[str, list[object]]:
    """The statement of the members among these people, who are in order, and its parameters.

    Of a range, those of it are taken: thousands of people in a sixth of the time.
    """
    listed, scope = array(dialect, people), scope_of(people)
    if scope == "people":
        return members_sql(selection, cohorts, as_of, dialect, scope=scope), [listed]
    ranged = members_sql(selection, cohorts, as_of, dialect, scope=scope)
    own = f"SELECT r.* FROM ({ranged}) AS r WHERE r.person {among(dialect, '$3', 'bigint')}"
    return own, [people[0], people[-1], listed]


def _conditions(dialect: Dialect, params: list[object], stages: Stages) -> dict[str, str]:
    """The conditions that a cohort is of a stage; what they compare with is added to the parameters."""
    found = {}
    for name, cohorts in (("segmentation", stages.segmentation), ("stratification", stages.stratification)):
        params.append(array(dialect, cohorts))
        found[name] = among(dialect, f"${len(params)}", "text")
    return found


def _narrowed(connection: Connection, practices: Sequence[str] | None) -> tuple[str, list[object]]:
    if practices is None:
        return "", []
    return f" AND t.practice {among(connection.dialect, '$2', 'text')}", [array(connection.dialect, practices)]
