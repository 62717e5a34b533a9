"""What is said of clocks of requests, to whom it may concern."""

from __future__ import annotations

from typing import Any

from referral_service.domain.clocks.request_clock import RequestClock
from tandem.clock import to_instant
from tandem.service import Work


async def say(work: Work, kind: str, known: RequestClock, revision: int, **more: str) -> None:
    """Say this of a clock; `revision` orders it among everything said of the same `cause` and `kind`."""
    clock = known.clock
    data: dict[str, Any] = {
        "patient": f"Patient/{clock.patient}", "cause": f"ServiceRequest/{clock.request}",
        "request": f"ServiceRequest/{clock.request}", "kind": clock.kind,
        "policy": clock.policy, "revision": revision, "starts": to_instant(clock.starts), "due": to_instant(clock.due),
    }  # fmt: skip
    if clock.owner is not None:
        data["owner"] = clock.owner
    for name, word, ending in (("stopped", "how", known.stopped), ("closed", "why", known.closed)):
        if ending is not None:
            data |= {name: to_instant(ending.at), word: ending.said}
    key = f"{data['cause']}/{clock.kind}/{revision}"
    await work.emit(kind, {**data, **more}, key=key, patient=clock.patient)
