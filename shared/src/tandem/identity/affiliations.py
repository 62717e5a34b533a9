"""From an OrganizationAffiliation to memberships of networks and to sharing agreements.

An agreement is active when every party has signed: `organization` (whose people it is about),
`participatingOrganization` (who may see them) and every other party that its signature extensions name. A practice
that `joined` the network when all had signed takes nothing back from the others: its own people are opened once it
signs too.
"""

from __future__ import annotations

from typing import Any

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode, encode
from tandem.identity.agreement_terms import limits_of
from tandem.identity.derivation import ANYBODY, derive, hold
from tandem.identity.organisations import reference_code
from tandem.identity.periods import period_of
from tandem.identity.references import PREFIX, resolve

MEMBER = "member"
AGREEMENT = "sharing-agreement"

_TABLES = {"membership": MEMBER, "agreement": AGREEMENT}
_PEOPLE_OF_MEMBER = "p.practice = $1"
_PEOPLE_SHARED = (
    "(p.practice = $1 OR p.practice IN (SELECT m.member FROM membership m WHERE m.holder = $1))"
    " AND p.id IN (SELECT t.patient FROM part t WHERE t.organisation IN"
    " (SELECT CAST($2 AS TEXT) UNION ALL SELECT e.source FROM part e"
    f" WHERE e.patient = '{ANYBODY}' AND e.organisation = $2))"
)


def roles_of(affiliation: Resource) -> set[str]:
    """The roles of ours that an OrganizationAffiliation has: `member`, `sharing-agreement`, both or none."""
    codings = [coding for concept in affiliation.get("code") or [] for coding in concept.get("coding") or []]
    codes = {coding.get("code") for coding in codings if coding.get("system") == AFFILIATION_ROLE}
    return {role for role in (MEMBER, AGREEMENT) if role in codes}


def signatures_of(affiliation: Resource) -> list[tuple[str, bool | None]]:
    """The parties that the signature extensions name, each with whether it has signed.

    None is one that has not and is not waited for, because it joined later.
    """
    found: list[tuple[str, bool | None]] = []
    for extension in affiliation.get("extension") or []:
        if extension.get("url") != AGREEMENT_SIGNATURE:
            continue
        inner = {part.get("url"): part for part in extension.get("extension") or []}
        party = reference_code(inner.get("party", {}).get("valueReference"))
        signed = bool(party and inner.get("signed", {}).get("valueDateTime"))
        found.append((party or "", None if party and not signed and "joined" in inner else signed))
    return found


async def project_affiliation(connection: Connection, affiliation_id: str, affiliation: Resource | None) -> None:
    """Keep the `membership` and `agreement` rows of an affiliation, and the access that follows from them."""
    for table, role in _TABLES.items():
        before = await connection.fetchrow(f"SELECT * FROM {table} WHERE id = $1", affiliation_id)
        if before is None and role not in roles_of(affiliation or {}):
            continue
        await hold(connection)
        row = await _row(connection, affiliation, role)
        await connection.execute(f"DELETE FROM {table} WHERE id = $1", affiliation_id)
        if row is not None:
            await _insert(connection, table, {"id": affiliation_id, **row})
        pairs = [(one["holder"], one["member"]) for one in (before, row) if one is not None]
        for holder, member in dict.fromkeys(pairs):
            await _derive(connection, role, holder, member)


async def _row(connection: Connection, affiliation: Resource | None, role: str) -> dict[str, Any] | None:
    if affiliation is None or role not in roles_of(affiliation) or affiliation.get("active") is False:
        return None
    holder = reference_code(affiliation.get("organization"))
    member = reference_code(affiliation.get("participatingOrganization"))
    if holder is None or member is None:
        return None
    resolved = await resolve(connection, (holder, member))
    starts, ends = period_of(affiliation.get("period"))
    row = {"holder_reference": holder, "member_reference": member, "holder": resolved[holder],
           "member": resolved[member], "starts": starts, "ends": ends}  # fmt: skip
    if role == AGREEMENT:
        parties: list[list[Any]] = [[holder, False], [member, False]]
        parties += [[party, signed] for party, signed in signatures_of(affiliation)]
        row |= {"parties": encode(parties).decode(), "signed": await signed_by_all(connection, parties),
                "terms": limits_of(affiliation)}  # fmt: skip
    return row


async def signed_by_all(connection: Connection, parties: list[list[Any]]) -> int:
    """1 when every party (its reference, and whether it signed; None is not waited for) has signed, else 0."""
    resolved = await resolve(connection, (party for party, _ in parties if party))
    named = {resolved.get(party) or party for party, signed in parties if signed is not None}
    have = {resolved.get(party) or party for party, signed in parties if signed}
    return int(named == have)


async def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def _derive(connection: Connection, role: str, holder: str | None, member: str | None) -> None:
    if holder is None or member is None:
        return
    if role == MEMBER:
        await derive(connection, _PEOPLE_OF_MEMBER, member)
    else:
        await derive(connection, _PEOPLE_SHARED, holder, member, shared_only=True)


async def sign_again(connection: Connection, organization_id: str) -> None:
    """Judge anew the agreements that name an Organization of which something has become known."""
    pattern = f'%"{PREFIX}{organization_id}"%'
    for row in await connection.fetch("SELECT id, parties FROM agreement WHERE parties LIKE $1", pattern):
        signed = await signed_by_all(connection, decode(row["parties"].encode()))
        await connection.execute("UPDATE agreement SET signed = $1 WHERE id = $2", signed, row["id"])
