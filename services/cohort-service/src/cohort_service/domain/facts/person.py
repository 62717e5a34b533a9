"""A person as lists judge them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """What is judged of a Patient besides facts: days as in Fact, `sex` is `female`, `male` or None.

    `died` is the day of death, `left` the day from which the person is no longer registered anywhere here.
    """

    born: int | None
    sex: str | None
    died: int | None
    left: int | None
