"""How far the offer of a service to one person has come, from every step that was recorded (SMR-033).

Nobody counts as invited without a letter that was sent; an answer belongs to an invitation; a review that was done
counts as offered even when nobody wrote before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

StepKind = Literal["letter-requested", "withdrawn", "invited", "accepted", "declined", "no-response", "done"]
RESPONSES: Final = ("accepted", "declined", "no-response", "done")
STATUSES: Final = ("not-offered", "letter-requested", "invited", *RESPONSES)
_OFFERED: Final = ("invited", *RESPONSES)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `day` is the day (as in facts) it is about; `number` orders what became known."""

    id: str
    kind: StepKind
    day: int
    number: int
    communication: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """`status` is one of STATUSES, since `day`; `offered_day` the last day on which something was offered."""

    status: str
    day: int
    offered_day: int | None
    communication: str | None


def progress_of(steps: Iterable[Step]) -> Progress | None:
    """Where the offer stands: at the newest step. None while nothing was ever offered or asked for.

    A letter that was asked for and not sent leaves an earlier answer standing, and one that was withdrawn is nothing.
    """
    counting = sorted((each for each in steps if each.kind != "withdrawn"), key=lambda step: (step.day, step.number))
    offered = [each for each in counting if each.kind in _OFFERED]
    if not counting:
        return None
    newest = (offered or counting)[-1]
    letters = [each.communication for each in counting if each.communication is not None]
    invited = [each.day for each in offered if each.kind in ("invited", "done")]
    return Progress(newest.kind, newest.day, max(invited, default=None), letters[-1] if letters else None)


def faults_of_response(steps: Iterable[Step], kind: StepKind, day: int, today: int) -> list[str]:
    """Why an answer cannot be recorded."""
    known = list(steps)
    found = []
    if day > today:
        found.append("date lies in the future")
    invited = [each.day for each in known if each.kind == "invited"]
    if kind != "done" and not invited:
        found.append("Nobody answers an invitation that was not sent: there is no written communication on record")
    elif kind != "done" and day < min(invited):
        found.append("An answer comes on the day of the invitation or later")
    return found


def may_be_invited(steps: Iterable[Step], *, again: bool) -> str | None:
    """Why no further letter is made for somebody; None when it may be.

    Whoever was offered it before is written to again only when this is asked for: the answer of a person stands.
    """
    progress = progress_of(steps)
    if progress is None:
        return None
    waiting = [each for each in steps if each.kind == "letter-requested"]
    if waiting:
        return "A letter is in preparation already"
    return None if again else f"The person was offered this before ({progress.status}); with again=true another is made"
