"""Reading the current rows of many resources at once, locked, and whether the caller may see each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.kernel import Kernel
from tandem.fhir.store import Stored, hold, stored
from tandem.identity.access import visible
from tandem.identity.caller import Caller


@dataclass(frozen=True, slots=True)
class Held:
    """A row, and whether the caller may see it."""

    stored: Stored
    seen: bool


async def lock_many(
    kernel: Kernel, connection: Connection, caller: Caller, names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Held]:
    """The current rows of these (type, id), held against other writers until the transaction ends."""
    by_type: dict[str, list[str]] = {}
    for kind, resource_id in names:
        by_type.setdefault(kind, []).append(resource_id)
    await hold(connection, names)
    found: dict[tuple[str, str], Held] = {}
    for kind, ids in by_type.items():
        params: list[object] = [kind]
        if connection.dialect == "postgresql":
            params.append(ids)
            among = "= ANY($2::text[])"
        else:
            params += ids
            among = f"IN ({', '.join(f'${number}' for number in range(2, len(ids) + 2))})"
        clause = visible(
            caller, "r", params, to_micros(kernel.clock.now()), resource_type=kind,
            registered_only=kernel.registered_only(),
        )  # fmt: skip
        rows = await connection.fetch(
            "SELECT r.key, r.type, r.id, r.version, r.updated, r.deleted, r.patient, r.author, r.custodian,"
            f" r.received_from, l.body, CASE WHEN {clause} THEN 1 ELSE 0 END AS seen FROM resource r"
            f" JOIN log l ON l.id = r.log_id WHERE r.type = $1 AND r.id {among}",
            *params,
        )  # fmt: skip
        found.update({(kind, row["id"]): Held(stored(row), bool(row["seen"])) for row in rows})
    return found
