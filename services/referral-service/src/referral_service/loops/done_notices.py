"""What whoever asked is told when the work of a referral was done: in whole, in part, or with something still to come.

Nothing is said to be done before it is: while a rule asks for something more, the referral is partly done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from referral_service.loops.loop_rows import Loop
from referral_service.loops.telling import PARTLY_DONE, notify_requester, say
from tandem.service import Work

MINUTE: Final = 60_000_000
"""Microseconds."""
_WAITS: Final = "waits-for-more"


async def tell_that_it_is_done(work: Work, loop: Loop, at: datetime) -> None:
    """The request is completed, or will be with nothing more asked for."""
    text = f"Your referral was done{_time_taken(loop)}.{_quoted(loop)}"
    await notify_requester(work, loop, "Referral done", text, "completed", at)


async def tell_that_a_part_is_done(work: Work, loop: Loop, at: datetime) -> None:
    """The performer did a part and says so."""
    await say(work, PARTLY_DONE, loop, "partly-fulfilled", at)
    text = f"A part of your referral was done; it stays open for the rest.{_quoted(loop)}"
    await notify_requester(work, loop, "Referral partly done", text, "partly-fulfilled", at)


async def tell_what_it_waits_for(work: Work, loop: Loop, missing: Sequence[str], at: datetime) -> None:
    """The performer did all of it, and the request may not be completed yet: `missing` says why, in words."""
    reason = "; ".join(missing)
    await say(work, PARTLY_DONE, loop, _WAITS, at, reason=reason)
    text = f"What your referral asks of the performer was done; it stays open: {reason}.{_quoted(loop)}"
    await notify_requester(work, loop, "Referral partly done", text, _WAITS, at)


def _time_taken(loop: Loop) -> str:
    return f", {(loop.ended - loop.opened) // MINUTE} minutes after it was sent" if loop.ended is not None else ""


def _quoted(loop: Loop) -> str:
    return f" Reply: {loop.reply}" if loop.reply else ""
