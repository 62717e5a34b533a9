"""The access table: who may see whom, derived from registrations, networks, agreements, parts in care and dissents.

Three reasons give access to a person's record: `registered` (the practice), `network` (a network the practice is a
member of) and `agreement` (a signed agreement with the practice or its network, together with a part in the person's
care that someone else gave; where the agreement has terms, they stand behind the word, as `agreement_terms` writes
them). A part of a PractitionerRole is its employer's while it works there (`employers`). Each row is one span of time;
spans that touch are one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from tandem.database.connection import Connection, Dialect
from tandem.identity.periods import BEGINNING, FOREVER

# Two keys of PostgreSQL's advisory locks, by chance ours: for what concerns everyone, and for one patient.
_EVERYONE = 7_204_118_301
_PATIENT_SEED = 7_204_118_302

ANYBODY: Final = ""
"""In place of the patient, where a part says for which organisation a PractitionerRole stands (see `employers`)."""
FIRST_EMPLOYER: Final = "/first"
"""Ends the source of the part that says what a PractitionerRole named first."""

# CROSS JOIN has SQLite join in the order written, from the person to the parts in its care: it knows nothing of how
# many rows there are, and went through all parts that the member of an agreement, or any role, has in anybody's care.
# The last condition of `_SHARED`: a practice that joined later and has not signed (see `affiliations`).
# A network is what its Organization says it is; without one, the form of the code decides (U and five digits).
_IS_NETWORK = """(EXISTS (SELECT 1 FROM organisation o WHERE o.code = m.holder AND o.kind = 'network' AND o.active = 1)
    OR (m.holder LIKE 'U_____' AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.code = m.holder)))"""

_SHARED = """
  SELECT h.patient, a.member, 'agreement' || a.terms, {greatest}(h.starts, a.starts, {starts}),
         {least}(h.ends, a.ends, {ends})
  FROM holding h CROSS JOIN {parts} t CROSS JOIN agreement a
  WHERE t.patient = h.patient AND a.holder = h.holder AND a.signed = 1 AND {given}
    AND NOT EXISTS (SELECT 1 FROM dissent d WHERE d.patient = h.patient
                    AND (d.organisation_reference = '' OR d.organisation = a.member))
    AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.code = a.member AND o.kind = 'commissioner')
    AND NOT EXISTS (SELECT 1 FROM person q LEFT JOIN organisation o ON o.code = q.practice WHERE q.id = h.patient
                    AND (a.parties LIKE '%["' || q.practice || '",null]%'
                         OR a.parties LIKE '%["Organization/' || o.id || '",null]%'))"""

_NAMED = {
    "parts": "part", "given": "t.organisation = a.member AND t.giver <> a.member",
    "starts": "t.starts", "ends": "t.ends",
}  # fmt: skip
_EMPLOYED = {
    "parts": "employed", "given": "t.member = a.member AND t.giver <> a.member",
    "starts": "t.starts, t.since", "ends": "t.ends, t.until",
}  # fmt: skip

# By themselves, and before agreements are looked at: a plan that began with all parts that the member of an agreement
# has in anybody's care took half a second for a person with many parts.
_ROLES = f"""employed AS MATERIALIZED (
  SELECT t.patient, t.giver, t.starts, t.ends, e.organisation AS member, e.starts AS since, e.ends AS until
  FROM person p CROSS JOIN part t CROSS JOIN part e CROSS JOIN part f
  WHERE t.patient = p.id AND e.source = t.organisation AND e.patient = '{ANYBODY}'
    AND f.source = e.source || '{FIRST_EMPLOYER}' AND f.patient = '{ANYBODY}' AND f.organisation = e.organisation
)"""

_OWN = """
  SELECT id, practice, 'registered', {beginning}, {forever} FROM person
  UNION ALL SELECT patient, holder, 'network', starts, ends FROM network
  UNION ALL"""

_INSERT = """
INSERT INTO access (patient, organisation, reason, starts, ends)
WITH person AS (
  SELECT p.id, p.practice, p.deleted FROM patient p WHERE p.practice IS NOT NULL AND ({scope})
), network AS (
  SELECT p.id AS patient, m.holder, m.starts, m.ends
  FROM person p JOIN membership m ON m.member = p.practice WHERE p.deleted = 0 AND {is_network}
), holding AS (
  SELECT id AS patient, practice AS holder, {beginning} AS starts, {forever} AS ends FROM person WHERE deleted = 0
  UNION ALL SELECT patient, holder, starts, ends FROM network
), {roles}, span (patient, organisation, reason, starts, ends) AS ({own}{shared}
), marked AS (
  SELECT span.*, max(ends) OVER (PARTITION BY patient, organisation, reason ORDER BY starts, ends
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
  FROM span WHERE starts < ends
), numbered AS (
  SELECT marked.*, sum(CASE WHEN reached >= starts THEN 0 ELSE 1 END)
                   OVER (PARTITION BY patient, organisation, reason ORDER BY starts, ends) AS island
  FROM marked
)
SELECT patient, organisation, reason, min(starts), max(ends) FROM numbered
GROUP BY patient, organisation, reason, island"""


async def hold(connection: Connection, patients: list[str] | None = None) -> None:
    """Take the right to change what access to these patients rests on; without patients, to anyone's.

    PostgreSQL only: two transactions that each add a fact (a membership here, a patient of that practice there) would
    otherwise both derive access without the other's. Whoever waits here sees, in its next statement, what the other
    committed. Must come before facts are resolved against others. SQLite has one writer anyway.
    """
    if connection.dialect == "sqlite":
        return
    if patients is None:
        await connection.fetch("SELECT pg_advisory_xact_lock($1)", _EVERYONE)
        return
    for patient in sorted(patients):
        await connection.fetch(f"SELECT {holding('$1::text')}", patient)


def holding(patient: str) -> str:
    """What `hold` takes for one patient, as PostgreSQL expressions over the SQL expression `patient`: for a statement
    that looks at something else as well, and whose successor is the first that resolves facts against others."""
    own = f"pg_advisory_xact_lock(hashtextextended({patient}, {_PATIENT_SEED}))"
    return f"pg_advisory_xact_lock_shared({_EVERYONE}), {own}"


async def derive(connection: Connection, scope: str, *params: Any, shared_only: bool = False) -> None:
    """Derive the access rows of the patients for whom `scope` holds, an SQL condition over `patient p`.

    `shared_only` leaves the practice's and its networks' rows as they are, for a change of parts or dissents.
    """
    delete, insert = _statements(scope, connection.dialect, shared_only)
    await connection.execute(delete, *params)
    await connection.execute(insert, *params)


@lru_cache(maxsize=256)
def _statements(scope: str, dialect: Dialect, shared_only: bool) -> tuple[str, str]:
    numbers = {"beginning": f"CAST({BEGINNING} AS BIGINT)", "forever": f"CAST({FOREVER} AS BIGINT)"}
    sqlite = dialect == "sqlite"
    extremes = {"greatest": "max" if sqlite else "greatest", "least": "min" if sqlite else "least"}
    shared = "\n  UNION ALL".join(_SHARED.format(**extremes, **reached) for reached in (_NAMED, _EMPLOYED))
    own = "" if shared_only else _OWN.format(**numbers)
    narrower = " AND reason LIKE 'agreement%'" if shared_only else ""
    delete = f"DELETE FROM access WHERE patient IN (SELECT p.id FROM patient p WHERE {scope}){narrower}"
    insert = _INSERT.format(scope=scope, is_network=_IS_NETWORK, own=own, shared=shared, roles=_ROLES, **numbers)
    return delete, insert
