"""The clocks of a net: calendar days from the day of the referral, weekends and bank holidays included.

Two-week wait until 30 September 2023; from 1 October 2023 the Faster Diagnosis Standard of 28 days, while 14 days until
seen stay a safety net. Which hold is in `safety_nets/policies.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from referral_service.domain.safety_nets.codes import (
    ACTED,
    APPOINTMENT,
    ATTENDED,
    CAME,
    CLOSED,
    COMMUNICATED,
    DECISION,
    RECEIVED,
    REPLACED,
    REPORT,
    REQUEST,
)
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.net_policy import ClockRule, due_after
from referral_service.domain.safety_nets.net_terms import NetTerms
from tandem.nhs.working_days import start_of_london_day


@dataclass(frozen=True, slots=True)
class NetClock:
    """A clock with its end: `stopped` when the person was seen or answered, `closed` when that is no more awaited."""

    rule: ClockRule
    starts: datetime
    due: datetime
    stopped: tuple[datetime, str] | None = None
    closed: tuple[datetime, str] | None = None


def clocks_of(terms: NetTerms, rules: Sequence[ClockRule], known: Sequence[Fact]) -> list[NetClock]:
    """The clocks of a net by what is known."""
    starts, closed = start_of_london_day(terms.waits_since), _given_up(known)
    found = []
    for rule in rules:
        if terms.kind not in rule.referrals:
            continue
        stop = _seen(known) if rule.stop == "seen" else _answered(known)
        how = "seen" if rule.stop == "seen" else "answered"
        stopped = None if stop is None else (max(stop, starts), how)
        found.append(NetClock(rule, starts, due_after(terms.waits_since, rule.days), stopped, closed))
    return found


def _seen(known: Sequence[Fact]) -> datetime | None:
    came = [each for each in known if each.kind == ATTENDED or (each.kind, each.says) == (APPOINTMENT, CAME)]
    return min((each.happened for each in came), default=None)


def _answered(known: Sequence[Fact]) -> datetime | None:
    """When the person was first told of a result, or of what came of being seen; a decision is no answer."""
    grounds = [
        each.at for each in known
        if each.kind in (ACTED, ATTENDED) or (each.kind, each.says) in ((REPORT, RECEIVED), (APPOINTMENT, CAME))
    ]  # fmt: skip
    told = [
        each.happened for each in known if each.kind == COMMUNICATED and any(moment <= each.at for moment in grounds)
    ]
    return min(told, default=None)


def _given_up(known: Sequence[Fact]) -> tuple[datetime, str] | None:
    ends = [(each.at, str(each.detail.get("reason") or "closed")) for each in known if each.kind in (DECISION, CLOSED)]
    status = [each for each in known if each.kind == REQUEST and each.says in ("revoked", "entered-in-error")]
    replaced = [each for each in known if each.kind == REPLACED]
    if status and (replaced or status[-1].says == "entered-in-error"):
        ends.append((status[-1].at, "replaced" if replaced else "entered-in-error"))
    first = min(ends, default=None)
    # Facts of one moment are told apart by microseconds, and clocks end at the moment.
    return None if first is None else (first[0].replace(microsecond=first[0].microsecond // 1000 * 1000), first[1])
