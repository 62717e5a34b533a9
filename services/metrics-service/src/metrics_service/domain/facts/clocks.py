"""Clocks of plans and of requests, as their services tell of them (docs/clocks.md, docs/referral-clocks.md)."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.identity.periods import bounds


def told_clock(event: Event) -> Told | None:
    """`category` is the kind, `status` running, met, late or closed, `value` the hours that it took or was given.

    `first` is the day it began, `last` the day after it ended. A clock that fell due is late from then on, stopped or
    not; one whose reason went away is closed.
    """
    data = event.data or {}
    cause, kind, revision = data.get("cause"), data.get("kind"), data.get("revision")
    first, due = given_day(data.get("starts")), _moment(data.get("due"))
    if not cause or not kind or revision is None or first is None or due is None:
        return None
    stopped, closed = _moment(data.get("stopped")), _moment(data.get("closed"))
    end = stopped if stopped is not None else closed
    ended = given_day(data.get("stopped") or data.get("closed"))
    if closed is not None and stopped is None:
        status = "closed"
    elif stopped is not None:
        status = "met" if stopped <= due else "late"
    else:
        status = "late" if event.action == "breached" else "running"
    begun = _moment(data.get("starts"))
    hours = None if end is None or begun is None else (end - begun) / 3_600_000_000
    fact = Fact(
        "clock", first, last=None if ended is None else ended + 1, status=status, category=str(kind),
        value=hours, organisation=data.get("owner"), group=data.get("request") or data.get("plan") or str(cause),
    )  # fmt: skip
    # A breach tells of a revision that was told before, and says more of it.
    number = 2 * int(revision) + (event.action == "breached")
    return Told(f"clock/{cause}/{kind}", number, event.time, event.patient, (fact,))


def _moment(text: object) -> int | None:
    try:
        return bounds(text)[0] if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
