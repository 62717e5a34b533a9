"""What came of a load: counts by type, and every entry that was refused, with its place and the reasons.

Ids and FHIRPaths are told; names, NHS numbers and contents are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tandem.fhir.outcome import Issue
from tandem.gateway.intake_entries import Entry

_MOST_ISSUES = 20


class Report(msgspec.Struct):
    """Kept in the job's checkpoint, and at its end the job's result."""

    counts: dict[str, dict[str, int]] = {}
    unowned: dict[str, int] = {}
    rejects: list[dict[str, Any]] = []

    def count(self, kind: str, status: str) -> None:
        """`status` is created, updated, unchanged or rejected."""
        own = self.counts.setdefault(kind, {"created": 0, "updated": 0, "unchanged": 0, "rejected": 0})
        own[status] += 1

    def leave_out(self, entry: Entry) -> None:
        """Count an entry of a type that no service keeps."""
        self.unowned[entry.type] = self.unowned.get(entry.type, 0) + 1

    def reject(self, entry: Entry, issues: Iterable[Issue]) -> None:
        """Count an entry that was refused, and say where and why."""
        self.count(entry.type, "rejected")
        shown = [_shown(issue) for issue in issues][:_MOST_ISSUES]
        reject: dict[str, Any] = {**entry.place, "type": entry.type, "issues": shown}
        if entry.id is not None:
            reject["id"] = entry.id[:64]
        self.rejects.append(reject)

    @property
    def done(self) -> int:
        """How many entries are dealt with."""
        return sum(sum(own.values()) for own in self.counts.values()) + sum(self.unowned.values())

    def result(self) -> dict[str, Any]:
        """The report as it is answered."""
        rejects = sorted(self.rejects, key=lambda one: (one.get("line", 0), one.get("item", 0), one.get("entry", 0)))
        return {
            "resources": self.done, "types": dict(sorted(self.counts.items())),
            "unowned": dict(sorted(self.unowned.items())), "rejects": rejects,
        }  # fmt: skip


def _shown(issue: Issue) -> dict[str, str]:
    shown = {"text": issue.text}
    if issue.expression:
        shown["expression"] = issue.expression
    return shown
