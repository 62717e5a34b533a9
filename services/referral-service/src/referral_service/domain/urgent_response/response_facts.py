"""When an urgent request was answered and responded to, worked out from all that is known of it.

Facts come in any order and may be corrected: each source (a Task, what was recorded here, the request itself) says what
it says now. What was recorded goes before what Tasks say; of Tasks the earliest counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from referral_service.domain.clocks.request_clock import Ending
from referral_service.domain.urgent_response.clock_rule import ANSWER, moment_of

RECORDED: Final = "recorded"
REQUEST: Final = "request"
"""Sources beside `Task/[id]`."""
_STARTED: Final = frozenset({"in-progress", "completed"})
_ANSWERED: Final = _STARTED | {"accepted", "ready", "rejected", "on-hold", "failed"}
_NEVER: Final = frozenset({"entered-in-error", "deleted"})


@dataclass(frozen=True, slots=True)
class Fact:
    """What one source says: when it was answered, responded to, or closed without response; `said` says how or why."""

    source: str
    answered: datetime | None = None
    responded: datetime | None = None
    closed: datetime | None = None
    said: str = ""


def task_fact(task: Mapping[str, Any], written: datetime, received: datetime, before: Fact) -> Fact:
    """What a version of a Task says, after what its earlier versions said.

    Work begins at `executionPeriod.start`. A start that lies before the referral was received, or after the version
    that says so, is not believed: then the version's own time counts, as it does for one that gives none.
    """
    status = str(task.get("status") or "deleted")
    if status in _NEVER:
        return Fact(before.source)
    told = moment_of((task.get("executionPeriod") or {}).get("start"))
    began = told if told is not None and received <= told <= written else None
    answered = before.answered or (written if status in _ANSWERED else None)
    responded = before.responded
    if status in _STARTED:
        responded = began or responded or written
    return replace(before, answered=answered, responded=responded, said="task-begun" if responded else "task-answered")


def ending_of(facts: Sequence[Fact], ended_by: str) -> tuple[Ending | None, Ending | None]:
    """How the clock was stopped and why it was closed, as far as it was."""
    recorded = [each for each in facts if each.source == RECORDED]
    told = recorded if recorded else list(facts)
    if ended_by == ANSWER:
        stops = [_answer(each) for each in facts]
    else:
        stops = [Ending(each.responded, each.said) for each in told if each.responded is not None]
    closes = [Ending(each.closed, each.said) for each in facts if each.closed is not None]
    return _earliest([each for each in stops if each is not None]), _earliest(closes)


def _answer(fact: Fact) -> Ending | None:
    moments = [each for each in (fact.answered, fact.responded) if each is not None]
    return Ending(min(moments), fact.said) if moments else None


def _earliest(endings: Sequence[Ending]) -> Ending | None:
    return min(endings, key=lambda each: (each.at, each.said), default=None)
