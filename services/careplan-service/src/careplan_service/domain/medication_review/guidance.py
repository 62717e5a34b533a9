"""The steps of a review by the version of the guidance (000 §2.14 and §2.15, SMR-036)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from careplan_service.domain.medication_review.codes import FOLLOWING, INITIAL

RECORDED: Final = "recorded"
SHOWN_BY: Final = (RECORDED, "reason", "medicines", "shared-decision", "tool", "follow-up")
"""What shows that a step was done: its own record in the section `steps`, or what the review holds."""


@dataclass(frozen=True, slots=True)
class Step:
    """`mandatory` are the kinds of episode in which skipping it blocks completion."""

    code: str
    text: str
    mandatory: frozenset[str]
    shown_by: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """The steps in their order."""

    steps: tuple[Step, ...]

    def asks(self, shown_by: str, kind: str) -> bool:
        """Whether a mandatory step of this kind of episode is shown by this."""
        return any(each.shown_by == shown_by and kind in each.mandatory for each in self.steps)


def guidance_of(body: Any) -> Guidance:
    """Read the content of a version. Raises ValueError that names what is wrong."""
    steps = body.get("steps") if isinstance(body, dict) else None
    if not isinstance(steps, list) or not steps:
        raise ValueError("guidance is an object with steps, one or more")
    found = tuple(map(_step, steps))
    if len({each.code for each in found}) < len(found):
        raise ValueError("steps: each has a code of its own")
    return Guidance(found)


def _step(body: Any) -> Step:
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in ("code", "text")):
        raise ValueError("steps: each has code, text, mandatory and shown-by")
    mandatory, shown_by = body.get("mandatory", []), body.get("shown-by", RECORDED)
    if not isinstance(mandatory, list) or not set(mandatory) <= {INITIAL, FOLLOWING}:
        raise ValueError(f"steps: mandatory lists {INITIAL} and {FOLLOWING}")
    if shown_by not in SHOWN_BY:
        raise ValueError(f"steps: shown-by is one of {', '.join(SHOWN_BY)}")
    return Step(body["code"], body["text"], frozenset(mandatory), shown_by)
