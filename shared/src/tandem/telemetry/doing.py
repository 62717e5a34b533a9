"""What a task is doing just now, for its log lines: the request it answers, or the event it handles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doing:
    """A request or an event under way in a service. Of an event `request` is empty, of a request `event`."""

    service: str
    request: str = ""
    correlation: str = ""
    event: str = ""


DOING: ContextVar[Doing | None] = ContextVar("doing", default=None)


@contextmanager
def doing(what: Doing) -> Iterator[None]:
    """Log lines of this task name `what` until the block ends."""
    token = DOING.set(what)
    try:
        yield
    finally:
        DOING.reset(token)
