"""The rows of table `agreement_document`, kept with every write of an OrganizationAffiliation."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.domain.agreements.agreement import AGREEMENT_SYSTEM, role_of
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.identity.organisations import reference_code
from tandem.identity.references import PREFIX
from tandem.service import Change, Work


async def keep_document(change: Change, work: Work) -> None:
    """Keep the row of an agreement that was written."""
    await work.connection.execute("DELETE FROM agreement_document WHERE id = $1", change.id)
    holder = reference_code((change.after or {}).get("organization"))
    if change.after is None or role_of(change.after) is None or holder is None:
        return
    named = [one.get("value") for one in change.after.get("identifier") or [] if one.get("system") == AGREEMENT_SYSTEM]
    await work.connection.execute(
        "INSERT INTO agreement_document (id, holder, agreement) VALUES ($1, $2, $3)",
        change.id, holder, named[0] if named else None,
    )  # fmt: skip


async def resources_of(connection: Connection, affiliation_id: str) -> list[str]:
    """The ids of all resources of the agreement that this one is part of, itself among them, in order."""
    rows = await connection.fetch(
        "SELECT d.id FROM agreement_document d WHERE d.id = $1 OR d.agreement ="
        " (SELECT o.agreement FROM agreement_document o WHERE o.id = $1) ORDER BY d.id",
        affiliation_id,
    )
    return [row["id"] for row in rows]


async def agreements_of(connection: Connection, holders: Sequence[str]) -> list[Resource]:
    """The agreements about the people of these organisations (codes), by id."""
    found: dict[str, Resource] = {}
    for holder in holders:
        rows = await connection.fetch(
            "SELECT d.id, l.body FROM agreement_document d JOIN resource r ON r.type = 'OrganizationAffiliation'"
            " AND r.id = d.id AND r.deleted = 0 JOIN log l ON l.id = r.log_id WHERE d.holder = $1 OR d.holder IN"
            f" (SELECT '{PREFIX}' || o.id FROM organisation o WHERE o.code = $1)",
            holder,
        )
        found |= {row["id"]: decode(row["body"]) for row in rows}
    return [found[name] for name in sorted(found)]
