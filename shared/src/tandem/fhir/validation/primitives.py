"""The primitive types: one test and one explanation each (http://hl7.org/fhir/R4/datatypes.html#primitive).

Values are as `tandem.fhir.body` parses them: str, bool, int, Decimal. Characters below 32 are looked for elsewhere,
once for the whole body (`control_characters`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tandem.fhir.validation import dates

Test = Callable[[Any], bool]

_code = re.compile(r"\S+(?:\s\S+)*").fullmatch
_no_space = re.compile(r"\S+").fullmatch
_id = re.compile(r"[A-Za-z0-9\-.]{1,64}").fullmatch
_oid = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+").fullmatch
_uuid = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_base64 = re.compile(r"[A-Za-z0-9+/]+={0,2}").fullmatch
_LAST = 2**31


def _is_string(value: Any) -> bool:
    return type(value) is str and value != ""


def _matching(match: Callable[[str], object]) -> Test:
    def test(value: Any) -> bool:
        return type(value) is str and bool(match(value))

    return test


def _is_base64(text: str) -> bool:
    bare = "".join(text.split())
    return len(bare) % 4 == 0 and _base64(bare) is not None


def _whole(least: int) -> Test:
    def test(value: Any) -> bool:
        return type(value) is int and least <= value < _LAST

    return test


def _is_decimal(value: Any) -> bool:
    kind = type(value)
    if kind is Decimal:
        return bool(value.is_finite())
    return kind is int or (kind is float and math.isfinite(value))


TESTS: dict[str, Test] = {
    "string": _is_string,
    "markdown": _is_string,
    "boolean": lambda value: value is True or value is False,
    "integer": _whole(-_LAST),
    "unsignedInt": _whole(0),
    "positiveInt": _whole(1),
    "decimal": _is_decimal,
    "code": _matching(_code),
    "id": _matching(_id),
    "uri": _matching(_no_space),
    "url": _matching(_no_space),
    "canonical": _matching(_no_space),
    "oid": _matching(_oid),
    "uuid": _matching(_uuid),
    "base64Binary": _matching(_is_base64),
    "date": _matching(dates.is_date),
    "dateTime": _matching(dates.is_date_time),
    "instant": _matching(dates.is_instant),
    "time": _matching(dates.is_time),
}

_NUMBERS = {
    "integer": "a whole number of 32 bits",
    "unsignedInt": "a whole number from 0 to 2147483647",
    "positiveInt": "a whole number from 1 to 2147483647",
    "decimal": "a number",
    "boolean": "true or false",
}
_FORMS = {
    "code": "a code: no space at either end and no two in a row",
    "id": "an id: 1 to 64 of A-Z, a-z, 0-9, - and .",
    "uri": "a URI: it holds no space",
    "url": "a URL: it holds no space",
    "canonical": "a canonical URL: it holds no space",
    "oid": "an OID such as urn:oid:1.2.3",
    "uuid": "a UUID such as urn:uuid: and 32 lower-case hexadecimal digits in five groups",
    "base64Binary": "base64",
    "date": "a date that exists: YYYY, YYYY-MM or YYYY-MM-DD",
    "dateTime": "a dateTime that exists: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone",
    "instant": "an instant that exists: YYYY-MM-DDThh:mm:ss with a zone",
    "time": "a time of day: hh:mm:ss",
}


def explain(kind: str, value: Any) -> tuple[str, str]:
    """Why a value that failed its test is no `kind`: plain English and the FHIR issue code. Quotes no value."""
    if value is None:
        return "A null stands here; leave the element out instead", "structure"
    if kind in _NUMBERS:
        # A number of the wrong size is a wrong value; anything else is the wrong kind of JSON.
        sized = isinstance(value, int | Decimal) and not isinstance(value, bool) and kind != "boolean"
        return f"This must be {_NUMBERS[kind]}", "value" if sized else "structure"
    if not isinstance(value, str):
        return "This must be a string", "structure"
    if value == "":
        return "A string must not be empty; leave the element out instead", "value"
    return f"This must be {_FORMS.get(kind, 'a string')}", "value"
