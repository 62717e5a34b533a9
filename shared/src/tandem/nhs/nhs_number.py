"""NHS numbers: ten digits, the last of them a modulus 11 check digit.

Written `943 476 5919`, stored `9434765919` under the system https://fhir.nhs.uk/Id/nhs-number. A number names a
person, so no message of this module ever repeats one.
https://www.datadictionary.nhs.uk/attributes/nhs_number.html
"""

from __future__ import annotations

import re

SYNTHETIC_PREFIX = "999"
SYNTHETIC_CAPACITY = 900_000
"""How many numbers `synthetic_number` can give."""

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_NINE_DIGITS = re.compile(r"[0-9]{9}")
_SEPARATORS = str.maketrans("", "", " -\t\u00a0\u2009\u2011")
_WEIGHTS = range(10, 1, -1)


class InvalidNhsNumber(ValueError):
    """The text is not an NHS number. Its message never holds the text."""

    def __init__(self) -> None:
        super().__init__("not a valid NHS number: ten digits with a modulus 11 check digit are expected")


def check_digit(nine_digits: str) -> int | None:
    """The tenth digit for the first nine, or None where modulus 11 gives 10 and no number exists.

    Raises InvalidNhsNumber when `nine_digits` is not nine ASCII digits.
    """
    if not _NINE_DIGITS.fullmatch(nine_digits):
        raise InvalidNhsNumber
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, nine_digits, strict=True))
    check = (11 - total % 11) % 11
    return None if check == 10 else check


def is_valid(number: str) -> bool:
    """Whether `number` is ten ASCII digits without separators, the last of them the right check digit."""
    return bool(_TEN_DIGITS.fullmatch(number)) and check_digit(number[:9]) == int(number[9])


def normalise(text: str) -> str:
    """The ten digits of a number written with or without spaces or hyphens. Raises InvalidNhsNumber."""
    number = text.translate(_SEPARATORS)
    if not is_valid(number):
        raise InvalidNhsNumber
    return number


def synthetic_number(index: int) -> str:
    """A valid number of the 999 range, which is never issued to a person; another one for each index.

    `index` runs from 0 to SYNTHETIC_CAPACITY - 1. Raises ValueError outside of it.
    """
    if not 0 <= index < SYNTHETIC_CAPACITY:
        raise ValueError(f"the index of a synthetic NHS number lies between 0 and {SYNTHETIC_CAPACITY - 1}")
    # Of ten neighbours that differ in the ninth digit at most one has no check digit, so each block of ten gives nine.
    block, position = divmod(index, 9)
    valid = [number for number in _block(block) if number is not None]
    return valid[position]


def _block(block: int) -> list[str | None]:
    numbers: list[str | None] = []
    for last in range(10):
        first_nine = f"{SYNTHETIC_PREFIX}{block:05d}{last}"
        check = check_digit(first_nine)
        numbers.append(None if check is None else f"{first_nine}{check}")
    return numbers
