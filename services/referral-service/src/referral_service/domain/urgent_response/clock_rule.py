"""How soon an urgent response has to be there, and from when that counts (EHCH-064, EHCH-065, EHCH-066).

Hours are elapsed hours: nights, weekends, holidays and both changes of the clocks are counted through. They count from
the receipt of the referral: the moment that its extension `referral-received` gives, for one that came by telephone or
was loaded later; else its `authoredOn`, when that has a time; else the moment it was sent here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from tandem.canonical import REFERRAL_RECEIVED
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds
from tandem.london_days import london_date

RESPONSE, ANSWER = "response", "answer"
_WANTED = (
    "ServiceRequest.extension('referral-received') is a dateTime with a time and an offset, so that hours count as they"
    " elapse across the change to summer time (000 §3.16 r9; docs/urgent-response.md)"
)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One row of `clocks` in the file: the clock that a kind of referral starts."""

    kind: str
    version: str
    referral: str
    hours: int
    warn: timedelta
    ended_by: Literal["response", "answer"]
    first_day: date
    requirements: tuple[str, ...]
    source: str

    @property
    def name(self) -> str:
        """What is kept beside a clock."""
        return f"{self.kind}@{self.version}"

    def due(self, received: datetime) -> datetime:
        """When the time has run out."""
        # In UTC: to a datetime of London, hours on the wall would be added.
        return received.astimezone(UTC) + timedelta(hours=self.hours)


def rules_of(rows: Sequence[Mapping[str, Any]]) -> tuple[ClockRule, ...]:
    """The rules of `clocks` in the file."""
    return tuple(
        ClockRule(
            row["kind"], str(row["version"]), row["referral"], int(row["hours"]),
            timedelta(minutes=int(row["warn-minutes"])), row["ended-by"], row["first-day"],
            tuple(row["requirements"]), row["source"],
        )
        for row in rows
    )  # fmt: skip


def rule_for(rules: Sequence[ClockRule], referral: str | None, received: datetime) -> ClockRule | None:
    """The rule for a kind of referral that was received then: the last to have begun; None when there is none yet."""
    day = london_date(received)
    begun = [each for each in rules if each.referral == referral and each.first_day <= day]
    return max(begun, key=lambda each: each.first_day, default=None)


def received_at(request: Resource, sent: datetime) -> datetime:
    """When the referral was received; `sent` is the first moment at which it was sent here. Never after that."""
    told = moment_of(_told(request)) or moment_of(request.get("authoredOn"))
    return min(told, sent) if told is not None else sent


def without_receipt(request: Resource) -> Resource:
    """The request without the moment of its receipt: whoever is asked next receives it anew."""
    kept = [each for each in request.get("extension") or () if each.get("url") != REFERRAL_RECEIVED]
    bare = {name: value for name, value in request.items() if name != "extension"}
    return {**bare, "extension": kept} if kept else bare


def receipt_is_a_moment(request: Resource, now: datetime) -> Iterator[Issue]:
    """The extension says a moment that is past, if it is there."""
    if not any(each.get("url") == REFERRAL_RECEIVED for each in request.get("extension") or ()):
        return
    moment = moment_of(_told(request))
    if moment is None:
        yield Issue(_WANTED, "ServiceRequest.extension")
    elif moment > now:
        yield Issue("A referral is not received in the future (000 §3.16 r9)", "ServiceRequest.extension")


def _told(request: Resource) -> Any:
    return next(
        (each.get("valueDateTime") for each in request.get("extension") or () if each.get("url") == REFERRAL_RECEIVED),
        None,
    )


def moment_of(text: Any) -> datetime | None:
    """A FHIR dateTime that has a time, in UTC; None for anything else."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        return from_micros(bounds(text)[0])
    except (ValueError, OverflowError):
        return None
