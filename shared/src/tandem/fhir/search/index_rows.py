"""What a resource puts into the search tables."""

from __future__ import annotations

from typing import NamedTuple

Token = tuple[int, str | None, str]
Date = tuple[int, int, int]
String = tuple[int, str, str]
Number = tuple[int, float, float, str | None, str | None]


class IndexRows(NamedTuple):
    """Rows without their key, each once. The order within a tuple is that of the table's columns after `key`."""

    tokens: list[Token]
    """(param, system, code)"""
    dates: list[Date]
    """(param, low, high) in microseconds, high exclusive"""
    strings: list[String]
    """(param, folded, value)"""
    numbers: list[Number]
    """(param, low, high, system, unit)"""


class Sink:
    """Collects the rows of one resource."""

    __slots__ = ("base", "dates", "numbers", "resolved_patient", "strings", "tokens")

    def __init__(self, resolved_patient: str | None, base: str | None) -> None:
        self.tokens: list[Token] = []
        self.dates: list[Date] = []
        self.strings: list[String] = []
        self.numbers: list[Number] = []
        self.resolved_patient = resolved_patient
        self.base = base

    def rows(self) -> IndexRows:
        """What was collected, each row once."""
        return IndexRows(
            list(dict.fromkeys(self.tokens)), list(dict.fromkeys(self.dates)),
            list(dict.fromkeys(self.strings)), list(dict.fromkeys(self.numbers)),
        )  # fmt: skip
