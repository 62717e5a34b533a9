"""What is said of clocks, to whom it may concern."""

from __future__ import annotations

from typing import Any

from careplan_service.domain.clocks.clock import Clock
from tandem.clock import to_instant
from tandem.service import Work


async def say(work: Work, kind: str, patient: str, clock: Clock, revision: int, **more: str) -> None:
    """Say this of a clock; `revision` orders it among everything said of the same `cause` and `kind`."""
    data: dict[str, Any] = {
        "patient": f"Patient/{patient}", "cause": clock.cause, "kind": clock.kind, "policy": clock.policy,
        "revision": revision, "starts": to_instant(clock.starts), "due": to_instant(clock.due),
    }  # fmt: skip
    if clock.plan:
        data["plan"] = f"CarePlan/{clock.plan}"
    for name, moment in (("stopped", clock.stopped), ("closed", clock.closed)):
        if moment is not None:
            data[name] = to_instant(moment)
    key = f"{clock.cause}/{clock.kind}/{revision}"
    await work.emit(kind, {**data, **more}, key=key, patient=patient)
