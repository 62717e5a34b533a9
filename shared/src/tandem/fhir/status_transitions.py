"""Which status may follow which: one way of checking a table of transitions, whatever the type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tandem.fhir.outcome import Issue
from tandem.service import Change


@dataclass(frozen=True, slots=True)
class StatusTransitions:
    """A table from each status to those that may follow, besides itself; `moves_by_the_table` is a Rule."""

    table: Mapping[str, tuple[str, ...]]

    def may_follow(self, before: str, after: str) -> bool:
        """Whether a resource in status `before` may be given status `after`."""
        return before == after or after in self.table.get(before, ())

    def moves_by_the_table(self, change: Change) -> Iterator[Issue]:
        """Refuses an update to a status that may not follow; says from, to and what is allowed."""
        if change.before is None or change.after is None:
            return
        before, after = str(change.before.get("status")), str(change.after.get("status"))
        if not self.may_follow(before, after):
            allowed = ", ".join(self.table.get(before, ())) or "nothing"
            text = f"{change.type}.status cannot go from '{before}' to '{after}'; allowed: {allowed}"
            yield Issue(text, f"{change.type}.status")
