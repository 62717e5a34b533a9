"""Faults as the walk finds them, and as the issues they become."""

from __future__ import annotations

from collections.abc import Iterable

from tandem.fhir.outcome import Issue

MAX_ISSUES = 200


class Fault:
    """One fault. `path` holds its FHIRPath segments innermost first; each level adds its own on the way up."""

    __slots__ = ("code", "path", "text")

    def __init__(self, text: str, code: str, *path: str) -> None:
        self.text = text
        self.code = code
        self.path = list(path)


class LocalReference(Fault):
    """A reference to a contained resource; a fault only if the resource holds no such one (ref-1)."""

    __slots__ = ("id", "targets")

    def __init__(self, local_id: str, targets: frozenset[str] | None) -> None:
        super().__init__("The reference names a contained resource that is not there (ref-1)", "invariant", "reference")
        self.id = local_id
        self.targets = targets


def prefix(faults: list[Fault], since: int, segment: str) -> None:
    """Add a path segment to the faults found since there were `since` of them."""
    for fault in faults[since:]:
        fault.path.append(segment)


def issues_of(root: str, faults: Iterable[Fault]) -> list[Issue]:
    """The faults as issues, each once; beyond 200 only their number is told."""
    found = {(".".join([root, *reversed(fault.path)]), fault.text): fault.code for fault in faults}
    issues = [Issue(text, expression, code) for (expression, text), code in found.items()]
    if len(issues) > MAX_ISSUES:
        more = Issue(f"There are {len(issues) - MAX_ISSUES} further faults", root, "invalid")
        return [*issues[:MAX_ISSUES], more]
    return issues
