"""Who is responsible for a service of access on a day (PCN-100, 004 §28).

Shipped in `responsibilities.json`: each span holds from its first day until the next one begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

from tandem.fhir.body import decode


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, None where it has no end. `intention`: announced, and not settled by the source."""

    first: date | None
    last: date | None
    responsible: Literal["practice", "network", "commissioner"]
    contract: str
    source: str
    intention: bool = False


@dataclass(frozen=True, slots=True)
class AccessService:
    """A service of access with its spans in their order; every day is in one of them."""

    code: str
    title: str
    spans: tuple[Span, ...]

    def on(self, day: date) -> Span:
        """The span that holds on a day."""
        return next(each for each in self.spans if each.last is None or day <= each.last)

    def after(self, day: date) -> Span | None:
        """The span that begins next after a day; None when nothing changes any more."""
        return next((each for each in self.spans if each.first is not None and each.first > day), None)


@cache
def access_services() -> tuple[AccessService, ...]:
    """All that ship."""
    read: list[dict[str, Any]] = decode((files(__package__) / "responsibilities.json").read_bytes())
    return tuple(AccessService(each["service"], each["title"], tuple(_spans(each["spans"]))) for each in read)


def _spans(rows: list[dict[str, Any]]) -> list[Span]:
    days = [date.fromisoformat(row["from"]) if "from" in row else None for row in rows]
    following = [after for _, after in pairwise([*days, None])]
    ends = [after - timedelta(days=1) if after is not None else None for after in following]
    return [
        Span(first, last, row["responsible"], row["contract"], row["source"], row.get("intention", False))
        for row, first, last in zip(rows, days, ends, strict=True)
    ]
