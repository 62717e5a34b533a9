"""A fact: one code that one record gives to one person, with its days and its value."""

from __future__ import annotations

from dataclasses import dataclass

UNDATED = -1_000_000
"""The beginning of a fact whose record gives no date: before every window, and seen on any day."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`starts` and `ends` are days in London since 1 January 1970; `ends` is the first day on which it no longer holds.

    `medicine` says that it is an order or statement of a medicine, kept apart because these are counted and compared.
    What the record calls the code is not part of a fact: that may be any text, and facts of one code belong together.
    """

    system: str
    code: str
    starts: int
    ends: int | None = None
    value: float | None = None
    medicine: bool = False
