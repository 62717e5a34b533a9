"""What the figures of an organisation are narrowed to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Only what happened at this care home (code) to those who live there, or what this provider (code) answers for.

    With `homes`, all these homes are counted together and told apart: what a statement calls the practice is the home.
    """

    home: str | None = None
    provider: str | None = None
    patient: str | None = None
    homes: tuple[str, ...] = ()


NOT_NARROWED = Narrowed()
