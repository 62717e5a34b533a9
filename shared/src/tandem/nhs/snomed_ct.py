"""SNOMED CT identifiers: what kind of component a number names, and whether it can name one at all.

An identifier has 6 to 18 digits: an item, a namespace of seven digits where the second last pair says so, the pair
that tells the kind of component (partition), and a Verhoeff check digit. Records hold concepts; supplier exports often
list description ids, which look alike and match nothing.
https://confluence.ihtsdotools.org/display/DOCRELFMT/6+SNOMED+CT+Identifiers
"""

from __future__ import annotations

import re
from typing import Final

_DIGITS = re.compile(r"[1-9][0-9]*")
_SHORTEST, _LONGEST = 6, 18
_WITH_NAMESPACE: Final = 11
"""The fewest digits of an identifier that carries a namespace: an item of one, seven, the pair and the check digit."""

_KINDS: Final = {"0": "concept", "1": "description", "2": "relationship"}

# Multiplication in the dihedral group of order ten, and the permutation that the position of a digit calls for.
_PRODUCT: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTATION: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def verhoeff_holds(digits: str) -> bool:
    """Whether the last of these ASCII digits is the Verhoeff check digit of the others."""
    state = 0
    for position, digit in enumerate(reversed(digits)):
        state = int(_PRODUCT[state][int(_PERMUTATION[position % 8][int(digit)])])
    return state == 0


def kind_of(identifier: str) -> str | None:
    """`concept`, `description` or `relationship` by the partition (00/10, 01/11, 02/12); None for any other pair."""
    pair = identifier[-3:-1]
    return _KINDS.get(pair[1:]) if pair[:1] in ("0", "1") else None


def concept_fault(identifier: str) -> str | None:
    """Why this text is no SNOMED CT concept id, in one clause without the text itself; None when it may be one."""
    if not _DIGITS.fullmatch(identifier) or not identifier.isascii():
        return "a SNOMED CT id is digits only, without a leading zero"
    if not _SHORTEST <= len(identifier) <= _LONGEST:
        return f"a SNOMED CT id has {_SHORTEST} to {_LONGEST} digits, this has {len(identifier)}"
    if not verhoeff_holds(identifier):
        return "the check digit is wrong"
    kind = kind_of(identifier)
    if kind is None:
        return f"{identifier[-3:-1]} is no partition of SNOMED CT (00 and 10 are concepts)"
    if kind != "concept":
        return f"it is a {kind} id, not a concept id"
    if identifier[-3] == "1" and len(identifier) < _WITH_NAMESPACE:
        return "its partition promises a namespace that it is too short for"
    return None
