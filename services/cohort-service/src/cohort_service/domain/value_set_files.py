"""Files of codes: tab or comma separated text with a header, in the shapes that code lists and refsets come in.

Columns are found by name, in any order: a code (`code`, `conceptId`, `referencedComponentId`), its words (`display`,
`term`), whether it is `active`, and which of several lists of the file it belongs to (`deficit`, `group`, `refsetId`).
A release file of RF2 may give a code several times; the line with the newest `effectiveTime` counts.
https://confluence.ihtsdotools.org/display/DOCRELFMT/5.2.1+Simple+Reference+Set
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from tandem.canonical import SNOMED_CT
from tandem.nhs.value_set import Member, Refused

_CODE = ("referencedcomponentid", "conceptid", "snomedcode", "snomedctcode", "code", "dmdid")
_DISPLAY = ("display", "term", "preferredterm", "description")
_LIST = ("refsetid", "deficit", "group", "clusterid", "valueset")
_YES = {"1", "true", "yes", "active", "y", ""}
_NO = {"0", "false", "no", "inactive", "n"}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


class UnreadableFile(ValueError):
    """The text is no table of codes at all; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list of a file. `name` is what its column said, empty when the file has no such column."""

    name: str
    lines: tuple[tuple[int, Member], ...]


@dataclass(frozen=True, slots=True)
class CodeFile:
    """What a file holds: its lists, the lines that are no codes, and the column that told the lists apart."""

    lists: tuple[CodeList, ...]
    refused: tuple[Refused, ...]
    told_apart_by: str | None


def as_id(text: str) -> str:
    """Words as part of an id: `Care home` becomes `care-home`."""
    return _NOT_IN_IDS.sub("-", text.lower()).strip("-")


def table(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of tab or comma separated text with their line numbers; empty ones are left out.

    Raises UnreadableFile for a quotation mark that is never closed and for null characters.
    """
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise UnreadableFile("the file holds a null character; it is expected to be UTF-8 text")
    if "\t" in text.partition("\n")[0]:
        # Release files quote nothing: a quotation mark there is part of a term.
        reader = csv.reader(StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num} is not readable: {error}") from None


def column(header: list[str], names: tuple[str, ...]) -> int | None:
    """Where the first of these columns stands; spaces, underscores and capitals do not matter."""
    plain = [_NOT_IN_NAMES.sub("", cell.lower()) for cell in header]
    return next((plain.index(name) for name in names if name in plain), None)


def read_codes(text: str) -> CodeFile:
    """The lists of codes in a file. Raises UnreadableFile when it has no header with a column of codes."""
    rows = table(text)
    _, header = next(rows, (0, []))
    code = column(header, _CODE)
    if code is None:
        raise UnreadableFile("the first line names no column of codes: code, conceptId or referencedComponentId")
    places = _Places(
        code, column(header, _DISPLAY), column(header, ("active",)), column(header, _LIST), column(header, ("system",)),
        column(header, ("effectivetime",)), len(header),
    )  # fmt: skip
    told = None if places.of is None else _NOT_IN_NAMES.sub("", header[places.of].lower())
    return _read(rows, places, told)


@dataclass(frozen=True, slots=True)
class _Places:
    code: int
    display: int | None
    active: int | None
    of: int | None
    system: int | None
    time: int | None
    width: int

    def member(self, row: list[str]) -> Member:
        active = self._cell(row, self.active).lower()
        if active not in _YES | _NO:
            raise ValueError("active is 1 or 0")
        system = self._cell(row, self.system) or SNOMED_CT
        return Member(system, row[self.code], self._cell(row, self.display) or None, active in _YES)

    def name(self, row: list[str]) -> str:
        return self._cell(row, self.of)

    def released(self, row: list[str]) -> str:
        return self._cell(row, self.time)

    @staticmethod
    def _cell(row: list[str], place: int | None) -> str:
        return "" if place is None else row[place]


def _read(rows: Iterator[tuple[int, list[str]]], places: _Places, told: str | None) -> CodeFile:
    found: dict[str, dict[object, tuple[str, int, Member]]] = {}
    refused: list[Refused] = []
    for line, row in rows:
        if len(row) != places.width:
            refused.append(Refused(line, "", f"it has {len(row)} columns, the header has {places.width}"))
            continue
        try:
            member = places.member(row)
        except ValueError as fault:
            refused.append(Refused(line, row[places.code], str(fault)))
            continue
        released = places.released(row)
        lines = found.setdefault(places.name(row), {})
        # Without release times every line stands for itself, so that a code given twice is seen and refused.
        key: object = line if places.time is None else (member.system, member.code)
        if key not in lines or lines[key][0] < released:
            lines[key] = (released, line, member)
    if told is not None and "" in found:
        raise UnreadableFile(f"the column {told} is empty in some lines, so their list is not known")
    lists = tuple(
        CodeList(name, tuple((line, member) for _, line, member in lines.values())) for name, lines in found.items()
    )
    return CodeFile(lists, tuple(refused), told)
