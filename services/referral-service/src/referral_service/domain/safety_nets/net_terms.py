"""What was settled when a safety net opened: whose request it belongs to, its steps, and the days they may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from referral_service.domain.safety_nets.codes import CONCERN, INVESTIGATION


@dataclass(frozen=True, slots=True)
class NetTerms:
    """`day` is the day of the referral in London, `waits_since` that of the first referral that it takes the place of,
    `opened` the commit that opened the net.

    `policy` is the version of the shipped policy, `protocol` that of the network whose days these are, if any.
    """

    request: str
    patient: str
    kind: str
    day: date
    opened: datetime
    policy: str
    steps: tuple[str, ...]
    days: Mapping[str, int]
    protocol: str | None = None
    first: date | None = None

    @property
    def waits_since(self) -> date:
        """The day from which clocks count: to be sent elsewhere does not make a wait begin anew."""
        return self.first or self.day

    @property
    def is_concern(self) -> bool:
        """Whether there is no referral: the net is a review alone."""
        return self.kind == CONCERN

    @property
    def is_investigation(self) -> bool:
        """Whether it waits for a result without an attendance that the practice would book."""
        return self.kind == INVESTIGATION
