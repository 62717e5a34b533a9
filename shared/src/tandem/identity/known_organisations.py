"""From an Organization to its code and kind, and to everything that referred to it before it was heard of."""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.affiliations import sign_again
from tandem.identity.derivation import ANYBODY, derive, hold
from tandem.identity.organisations import code_of, kind_of
from tandem.identity.references import PREFIX, settle

# Whose access may rest on what an organisation is: $1 and $2 are its code before and after, $3 a reference to it.
_TOUCHED = f"""p.practice IN ($1, $2) OR p.practice_reference = $3
  OR p.practice IN (SELECT m.member FROM membership m WHERE m.holder IN ($1, $2)
                    OR m.holder_reference = $3 OR m.member_reference = $3)
  OR p.id IN (SELECT t.patient FROM part t WHERE t.organisation IN ($1, $2) OR t.organisation_reference = $3)
  OR p.id IN (SELECT t.patient FROM part t JOIN part e ON e.source = t.organisation AND e.patient = '{ANYBODY}'
              WHERE e.organisation IN ($1, $2) OR e.organisation_reference = $3)
  OR p.practice IN (SELECT a.holder FROM agreement a WHERE a.parties LIKE $4)
  OR p.practice IN (SELECT m.member FROM membership m JOIN agreement a ON a.holder = m.holder WHERE a.parties LIKE $4)
  OR p.id IN (SELECT d.patient FROM dissent d WHERE d.organisation_reference = $3)"""


async def project_organization(connection: Connection, organization_id: str, organization: Resource | None) -> None:
    """Keep the `organisation` row; late arrival resolves the references of everything else."""
    known = await connection.fetchrow(
        "SELECT code, kind, active FROM organisation WHERE id = $1", organization_id
    )  # fmt: skip
    before = (known["code"], known["kind"], known["active"]) if known else None
    after = None
    if organization is not None:
        code = code_of({**organization, "id": organization_id})
        after = (code, kind_of(organization), int(organization.get("active") is not False))
    if before == after:
        return
    await hold(connection)
    await _store(connection, organization_id, after)
    new_code = after[0] if after else None
    if (before[0] if before else None) != new_code:
        await settle(connection, organization_id, new_code)
        await sign_again(connection, organization_id)
    reference = f"{PREFIX}{organization_id}"
    old_code = before[0] if before else ""
    touched = (old_code, new_code or "", reference, f'%"{reference}"%')
    # Of most organisations that are told nobody here is a patient, nor rests anybody's access on them.
    if await connection.fetchval(f"SELECT 1 FROM patient p WHERE {_TOUCHED} LIMIT 1", *touched) is not None:
        await derive(connection, _TOUCHED, *touched)


async def _store(connection: Connection, organization_id: str, row: tuple[str, str, int] | None) -> None:
    if row is None:
        await connection.execute("DELETE FROM organisation WHERE id = $1", organization_id)
        return
    await connection.execute(
        "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, $3, $4) ON CONFLICT (id)"
        " DO UPDATE SET code = excluded.code, kind = excluded.kind, active = excluded.active",
        organization_id, *row,
    )  # fmt: skip
