"""Statements that somebody reads who cares for none of the people, such as a commissioner: a statement names nobody."""

from __future__ import annotations

import re

from tandem.nhs.nhs_number import InvalidNhsNumber, normalise

LONGEST = 4000
"""Characters of a statement."""
_MAYBE_A_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){9}(?!\d)")
_REFERENCE = re.compile(r"\bPatient/[A-Za-z0-9]")


def fault_of(text: str) -> str | None:
    """Why a text is no statement; None when it is one. It never quotes the text."""
    if len(text) > LONGEST:
        return f"A statement has at most {LONGEST} characters"
    if any(not (each.isprintable() or each in "\r\n\t") for each in text):
        return "A statement is plain text"
    if _REFERENCE.search(text) or any(_is_number(each[0]) for each in _MAYBE_A_NUMBER.finditer(text)):
        return "A statement is read by the commissioner: it holds no NHS number and no reference to a person"
    return None


def _is_number(text: str) -> bool:
    try:
        normalise(text)
    except InvalidNhsNumber:
        return False
    return True
