"""Questions to the local agreements."""

from __future__ import annotations

from collections.abc import Collection

from tandem.database.connection import Connection
from tandem.fhir.body import decode
from tandem.identity.affiliations import signed_by_all
from tandem.identity.references import resolve


async def agreement_between(
    connection: Connection, role: str, organisation: str, others: Collection[str], at: int
) -> str | None:
    """The id of an OrganizationAffiliation of this role that an organisation and one of the others have signed.

    Organisations are codes, `at` microseconds. None when no agreement holds then, or somebody has not signed it.
    """
    rows = await connection.fetch(
        "SELECT affiliation, parties FROM local_agreement WHERE role = $1 AND starts <= $2 AND ends > $2"
        " ORDER BY affiliation", role, at,
    )  # fmt: skip
    for row in rows:
        parties = decode(row["parties"].encode())
        codes = set((await resolve(connection, (party for party, _ in parties if party))).values())
        if organisation in codes and codes & set(others) and await signed_by_all(connection, parties):
            return str(row["affiliation"])
    return None
