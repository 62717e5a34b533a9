"""The days of the steps: the shipped policy's, and over them those of the network's protocol (ECD-041)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from referral_service.domain.safety_nets.net_policy import NetPolicy
from referral_service.suspected_cancer.protocol_rows import protocol_of
from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class StepDays:
    """Days by step, and the version of the network's protocol that they are of, if any."""

    days: dict[str, int]
    protocol: str | None = None


async def step_days(connection: Connection, policy: NetPolicy, network: str | None, day: date) -> StepDays:
    """The days that hold for nets of this network on a day."""
    protocol = await protocol_of(connection, network, day) if network is not None else None
    if protocol is None or not protocol.intervals:
        return StepDays(dict(policy.days))
    given = {step: days for step, days in protocol.intervals.items() if step in policy.days}
    return StepDays({**policy.days, **given}, protocol.name)
