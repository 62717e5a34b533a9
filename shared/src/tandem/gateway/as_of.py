"""What was committed when somebody asked, as a token: so that writes which follow do not move the goal.

First it holds the newest entry of each log. Once all entries up to it have positions, the position that each consumer
has to reach is written into it, and stands. A consumer is done once it has reached all of them and has, at that look or
a later one, nothing set aside and no backlog.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import msgspec

from tandem.events.lag import Head, last_position
from tandem.fhir.outcome import FhirError, Kind

_MOST = 8192


class AsOf(msgspec.Struct):
    """`marks` by owner, `goals` by owner and consumer, and the consumers that are `done`. By its followers a service is
    a consumer of its own log."""

    marks: dict[str, int]
    goals: dict[str, dict[str, int]] = {}
    done: list[str] = []

    def token(self) -> str:
        """The token as clients send it back."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    def set_goals(self, heads: Mapping[str, Head], kinds: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Write down the goals of the owners whose entries have positions; `kinds` are by consumer and owner."""
        for owner, mark in self.marks.items():
            if owner not in self.goals and owner in heads and heads[owner].covers(mark):
                self.goals[owner] = {
                    consumer: last_position(heads[owner].kinds, by_owner.get(owner, ()))
                    for consumer, by_owner in kinds.items()
                }  # fmt: skip

    def unsequenced(self) -> list[str]:
        """Owners whose entries do not all have positions yet."""
        return sorted(set(self.marks) - set(self.goals))

    def lacking(self, consumer: str, reached: Mapping[str, int]) -> dict[str, int]:
        """How many positions the consumer lacks, by owner; those that it does not are left out."""
        lags = {owner: goals.get(consumer, 0) - reached.get(owner, 0) for owner, goals in self.goals.items()}
        return {owner: lag for owner, lag in lags.items() if lag > 0}


def as_of(token: str) -> AsOf:
    """The token that a client sent. Raises FhirError 400 when it is none of ours."""
    try:
        if len(token) > _MOST:
            raise ValueError
        return msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=AsOf)
    except (ValueError, msgspec.MsgspecError):
        raise FhirError(Kind.BAD_REQUEST, "as-of is not what an earlier answer gave", expression="as-of") from None
