"""Search values by the kind of their parameter (http://hl7.org/fhir/R4/search.html#ptypes)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from tandem.fhir.search.dates import date_range
from tandem.fhir.search.emit import LARGEST
from tandem.fhir.search.folding import LONGEST_STRING, OVERLAP, bounded, fold
from tandem.fhir.search.refusal import invalid

PREFIXES = ("eq", "ne", "lt", "le", "gt", "ge", "sa", "eb", "ap")
_SPECIAL_VALUES = "http://hl7.org/fhir/special-values"
_COMMA = re.compile(r"(?<!\\)((?:\\\\)*),")
_BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_ESCAPED = re.compile(r"\\([\\,|$])")
_NUMBER = re.compile(r"(eq|ne|lt|le|gt|ge|sa|eb|ap)?([+-]?\d{1,50}(?:\.\d{1,50})?(?:[eE][+-]?\d{1,3})?)", re.ASCII)
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class TokenValue:
    """`system` None is any system, empty is no system; `code` None is any code."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class DateValue:
    """The range of the date asked for, `[low, high)` in microseconds."""

    prefix: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class StringValue:
    """`folded` for the beginning or a part, `text` for `:exact`."""

    folded: str
    text: str


@dataclass(frozen=True, slots=True)
class NumberValue:
    """`exact` as written, `low` to `high` what its precision implies; `unit` may be a code or what is shown."""

    prefix: str
    exact: float
    low: float
    high: float
    system: str | None = None
    unit: str | None = None


Value = TokenValue | DateValue | StringValue | NumberValue


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    if "\\" not in text:
        return text.split("," if pattern is _COMMA else "|")
    parts = pattern.split(text)
    # The pattern keeps the pairs of backslashes that stand before the separator.
    return ["".join(parts[index : index + 2]) for index in range(0, len(parts), 2)]


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def alternatives(text: str) -> list[str]:
    """The parts between commas, still escaped."""
    return _split(_COMMA, text)


def token_value(text: str) -> TokenValue:
    """`code`, `system|code`, `|code` or `system|`."""
    parts = [_plain(part) for part in _split(_BAR, text)]
    if len(parts) == 1:
        return TokenValue(None, bounded(parts[0]))
    # A code may hold bars that nobody escaped; a system never does.
    system, code = parts[0], "|".join(parts[1:])
    if not system and not code:
        raise invalid("a token needs a code or a system")
    return TokenValue(bounded(system), bounded(code) or None)


def code_value(text: str) -> TokenValue:
    """As a token, for an element whose system is implied: a system may be left out only."""
    value = token_value(text)
    if value.system == _SPECIAL_VALUES and value.code in ("true", "false"):
        return TokenValue(None, value.code)
    if value.system:
        raise invalid("the element is a plain code without a system of its own: give the code alone")
    return TokenValue(None, value.code)


def string_value(text: str, modifier: str) -> StringValue:
    """Raises Refused for a text longer than can be looked for."""
    plain = _plain(text)
    folded = fold(plain)
    if not folded:
        raise invalid("a string needs at least one visible character")
    longest = OVERLAP if modifier == "contains" else LONGEST_STRING
    if len(folded) > longest and modifier != "exact":
        raise invalid(f"a string of more than {longest} characters cannot be looked for")
    return StringValue(folded, plain)


def date_value(text: str) -> DateValue:
    """A date with or without a prefix."""
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    try:
        # An offset's plus sign that was not encoded arrives as a space.
        low, high = date_range(_LOST_PLUS.sub(r"\1+\2", rest))
    except ValueError:
        raise invalid(f"the value is no FHIR date; prefixes are {', '.join(PREFIXES)}") from None
    return DateValue(prefix, low, high)


def number_value(text: str) -> NumberValue:
    """A number with or without a prefix; `1.0` stands for 0.95 up to 1.05."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise invalid(f"the value is no number; prefixes are {', '.join(PREFIXES)}")
    prefix, exact = found.group(1) or "eq", Decimal(found.group(2))
    margin = abs(exact) / 10 if prefix == "ap" else Decimal(5).scaleb(int(exact.as_tuple().exponent) - 1)
    return NumberValue(prefix, _clamped(exact), _clamped(exact - margin), _clamped(exact + margin))


def quantity_value(text: str) -> NumberValue:
    """`number`, `number|system|code` or `number||code`."""
    parts = [_plain(part) for part in _split(_BAR, text)]
    if len(parts) not in (1, 3):
        raise invalid("a quantity is written number, number|system|code or number||code")
    number = number_value(parts[0])
    if len(parts) == 1:
        return number
    system, unit = bounded(parts[1]) or None, bounded(parts[2]) or None
    return NumberValue(number.prefix, number.exact, number.low, number.high, system, unit)


def uri_value(text: str) -> TokenValue:
    """The whole URI."""
    return TokenValue(None, bounded(_plain(text)))


def reference_text(text: str) -> str:
    """The reference as written."""
    return _plain(text)


def _clamped(value: Decimal) -> float:
    return float(max(min(value, Decimal(LARGEST)), Decimal(-LARGEST)))
