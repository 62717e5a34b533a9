"""What a safety net waits for, and which state may follow which (000 §6.2 fn13, §6.11; 002 ECD clar2).

Nobody sets a state: it follows from what is known, as the obligation that falls due first. A net outlives its referral.
`closed` opens again with a new result, reported symptoms or a recurrence. Late is a comparison of the due time with the
moment of asking, and no state; only `not-attended` is late at once. The table holds for what is recorded as it happens;
what is found to be recorded in error leads back to whatever is due first without it.
"""

from __future__ import annotations

from typing import Final

TO_TELL: Final = "to-tell"
TO_BOOK: Final = "to-book"
TO_ATTEND: Final = "to-attend"
NOT_ATTENDED: Final = "not-attended"
AWAITING_RESULT: Final = "awaiting-result"
TO_ACT: Final = "to-act"
TO_COMMUNICATE: Final = "to-communicate"
AWAITING_REVIEW: Final = "awaiting-review"
AWAITING_PERSON: Final = "awaiting-person"
TO_DECIDE: Final = "to-decide"
TO_CLOSE: Final = "to-close"
CLOSED: Final = "closed"

_ANSWERS: Final = (AWAITING_RESULT, TO_ACT, TO_COMMUNICATE, AWAITING_REVIEW, TO_DECIDE)
_ANYTHING_NEW: Final = (NOT_ATTENDED, AWAITING_RESULT, TO_ACT, AWAITING_REVIEW)

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # referred: the person is told, gets an appointment and comes
    TO_TELL: (TO_BOOK, TO_ATTEND, *_ANSWERS, CLOSED),
    TO_BOOK: (TO_ATTEND, *_ANSWERS, CLOSED),
    TO_ATTEND: (NOT_ATTENDED, *_ANSWERS, CLOSED),
    # late at once; left by attendance or a documented decision
    NOT_ATTENDED: (*_ANSWERS, TO_CLOSE, CLOSED),
    # investigated: the result comes, is acted on, and the person hears of it
    AWAITING_RESULT: (NOT_ATTENDED, TO_ACT, TO_COMMUNICATE, AWAITING_REVIEW, TO_DECIDE, TO_CLOSE, CLOSED),
    TO_ACT: (NOT_ATTENDED, AWAITING_RESULT, TO_COMMUNICATE, AWAITING_REVIEW, TO_DECIDE),
    TO_COMMUNICATE: (*_ANYTHING_NEW, AWAITING_PERSON, TO_DECIDE, TO_CLOSE, CLOSED),
    # a concern without referral: a review on the agreed day, or when the person asks for it
    # once it is reviewed, whatever was waited for before is waited for again
    AWAITING_REVIEW: (
        TO_TELL, TO_BOOK, TO_ATTEND, NOT_ATTENDED, AWAITING_RESULT, TO_ACT, TO_COMMUNICATE, AWAITING_PERSON, TO_DECIDE,
        TO_CLOSE, CLOSED,
    ),
    AWAITING_PERSON: (*_ANSWERS, TO_CLOSE, CLOSED),
    # the request was withdrawn and nothing takes its place
    TO_DECIDE: (NOT_ATTENDED, TO_ACT, TO_COMMUNICATE, CLOSED),
    # everything is answered
    TO_CLOSE: (*_ANYTHING_NEW, TO_COMMUNICATE, TO_DECIDE, CLOSED),
    CLOSED: _ANYTHING_NEW,
}  # fmt: skip

STATES: Final = tuple(TRANSITIONS)
OPEN: Final = tuple(state for state in STATES if state != CLOSED)
