"""A request for support: which plans it is based on, and the deliveries of regular support, in the same transaction."""

from __future__ import annotations

from referral_service.loops.loop_rows import loop_of
from referral_service.support.regular_support import follow_deliveries
from tandem.fhir.literal_reference import target_ids
from tandem.service import Change, Work


async def keep_support(change: Change, work: Work) -> None:
    """Stands behind the loop, whose row it reads."""
    if await loop_of(work.connection, change.id) is None:
        return
    named = set(target_ids((change.after or {}).get("basedOn"), "CarePlan"))
    before = set(target_ids((change.before or {}).get("basedOn"), "CarePlan"))
    for plan in sorted(before - named):
        await work.connection.execute(
            "DELETE FROM support_plan WHERE request = $1 AND plan = $2", change.id, plan
        )  # fmt: skip
    for plan in sorted(named):
        await work.connection.execute(
            "INSERT INTO support_plan (request, plan) VALUES ($1, $2) ON CONFLICT DO NOTHING", change.id, plan
        )
    await follow_deliveries(work, change.id)
