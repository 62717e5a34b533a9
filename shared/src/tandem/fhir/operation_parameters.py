"""What an operation was called with, read strictly: the same for a query and for a Parameters resource.

Every function raises FhirError 400 that names the parameter and what it should be; no text repeats what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tandem.clock import from_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.periods import bounds
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LONGEST_NUMBER = 9
LARGEST = 10**_LONGEST_NUMBER - 1
SHORT = 200
LONG = 2000
_SHOWN = 64
"""Characters of the caller's own that a refusal repeats: enough to see a slip of the pen, too few for a text."""
A_DAY = "a day such as 2020-06-30, from 1970 to 9990"
NO_END = "9999-12-31"
"""Many systems write this day for no end, and so do periods of FHIR resources that they send."""
_A_NAME = "of small letters, digits and hyphens, 64 at most"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def only(call: OperationCall, names: Collection[str]) -> None:
    """Refuse every parameter that the operation does not have, and say which it has."""
    unknown = sorted(set(call.parameters) - set(names))
    if unknown:
        shown = ", ".join(unknown)[:_SHOWN]
        text = f"There is no parameter {shown} here; there are {', '.join(sorted(names))}"
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, text, expression=unknown[0][:_SHOWN].strip() or None)


def optional_text(call: OperationCall, name: str) -> str | None:
    """A text without blanks around it; None when it is not given or blank."""
    value = call.one(name)
    if value is None:
        return None
    if not isinstance(value, str) or "\x00" in value:
        raise _fault(name, "a text")
    return value.strip() or None


def required_text(call: OperationCall, name: str) -> str:
    """A text that must be given."""
    value = optional_text(call, name)
    if value is None:
        raise FhirError(Kind.BAD_REQUEST, f"Give the parameter {name}", expression=name)
    return value


def whole_text(call: OperationCall, name: str) -> str:
    """A text that must be given, such as a file, with every blank and line as they were sent."""
    required_text(call, name)
    return str(call.one(name))


def long_text(call: OperationCall, name: str) -> str | None:
    """A text of 2000 characters at most; None when it is not given or blank."""
    value = optional_text(call, name)
    if value is not None and len(value) > LONG:
        raise _fault(name, f"a text of at most {LONG} characters")
    return value


def short_text(call: OperationCall, name: str) -> str | None:
    """A text of 1 to 200 characters; None when it is not given, and refused when it is blank."""
    value = call.one(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= SHORT or "\x00" in value:
        raise _fault(name, f"a text of 1 to {SHORT} characters")
    return value.strip()


def required_short_text(call: OperationCall, name: str) -> str:
    """A text of 1 to 200 characters that must be given."""
    value = short_text(call, name)
    if value is None:
        raise FhirError(Kind.BAD_REQUEST, f"Give the parameter {name}", expression=name)
    return value


def required_name(call: OperationCall, name: str) -> str:
    """A name that must be given, such as a cohort definition has: small letters, digits and hyphens, 64 at most."""
    value = required_text(call, name)
    if _NAME.fullmatch(value) is None:
        raise _fault(name, _A_NAME)
    return value


def names(call: OperationCall, name: str) -> list[str]:
    """All values of a parameter that may be repeated, each such a name."""
    values = texts(call, name)
    if not all(map(_NAME.fullmatch, values)):
        raise _fault(name, _A_NAME)
    return values


def texts(call: OperationCall, name: str) -> list[str]:
    """All values of a parameter that may be repeated."""
    values: list[Any] = call.parameters.get(name, [])
    if not all(isinstance(value, str) and value.strip() and "\x00" not in value for value in values):
        raise _fault(name, "a text")
    return [str(value).strip() for value in values]


def flag(call: OperationCall, name: str, default: bool = False) -> bool:
    """`true` or `false`, as a boolean or as the text of an address."""
    value = optional_flag(call, name)
    return default if value is None else value


def optional_flag(call: OperationCall, name: str) -> bool | None:
    """As `flag`; None when it is not given."""
    value = call.one(name)
    if value is None:
        return None
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise _fault(name, "true or false")


def whole_number(call: OperationCall, name: str, default: int) -> int:
    """A whole number of zero or more, of nine digits at most."""
    value = call.one(name)
    if value is None:
        return default
    given = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (given.isascii() and given.isdecimal()) or len(given) > _LONGEST_NUMBER:
        raise _fault(name, "a whole number, 0 or more")
    return int(given)


def page(call: OperationCall, size: int = 100, largest: int = 1000) -> tuple[int, int]:
    """`_count`, so many unless given and never more than the largest, and `_offset` (0)."""
    return min(whole_number(call, "_count", size), largest), whole_number(call, "_offset", 0)


def optional_day(call: OperationCall, name: str) -> date | None:
    """A whole date such as 2020-06-30, from 1970 to 9990; None when it is not given."""
    value = optional_text(call, name)
    if value is None:
        return None
    found = day_in(value)
    if found is None:
        raise _fault(name, wanted_day(value))
    return found


def optional_end(call: OperationCall, name: str) -> date | None:
    """The day on which something ends, as `optional_day`; None also for 9999-12-31, which stands for no end."""
    return None if optional_text(call, name) == NO_END else optional_day(call, name)


def required_day(call: OperationCall, name: str) -> date:
    """A whole date that must be given."""
    found = optional_day(call, name)
    if found is None:
        raise FhirError(Kind.BAD_REQUEST, f"Give the parameter {name}: {A_DAY}", expression=name)
    return found


def day_or_today(call: OperationCall, name: str) -> date:
    """A whole date, else today in London."""
    return optional_day(call, name) or today(call)


def day_number_or_today(call: OperationCall, name: str = "date") -> int:
    """The number of a whole date (see `tandem.london_days`), else of today in London."""
    return day_number(day_or_today(call, name))


def moment_or_now(call: OperationCall, name: str) -> datetime:
    """A FHIR date or dateTime, by its beginning (a date's is in London); else now."""
    value = call.one(name)
    if value is None:
        return call.kernel.clock.now()
    try:
        return from_micros(bounds(str(value))[0])
    except (ValueError, OverflowError):
        raise _fault(name, "a FHIR date or dateTime") from None


def one_of(call: OperationCall, name: str, allowed: Sequence[str], default: str) -> str:
    """One of some words."""
    value = optional_text(call, name) or default
    if value not in allowed:
        raise _fault(name, f"one of {', '.join(allowed)}")
    return value


def any_of(call: OperationCall, name: str, allowed: Collection[str]) -> list[str]:
    """Some of these words, each once, in the order given; an empty list when none is."""
    asked = list(dict.fromkeys(texts(call, name)))
    if not set(allowed).issuperset(asked):
        raise _fault(name, f"one of {', '.join(allowed)}")
    return asked


def today(call: OperationCall) -> date:
    """The day in London that the service's clock shows."""
    return london_date(call.kernel.clock.now())


def today_number(call: OperationCall) -> int:
    """The number of that day (see `tandem.london_days`)."""
    return day_number(today(call))


def day_in(value: Any) -> date | None:
    """A day written in full; None for anything else."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        return None
    # Windows are counted on and back from a day: the ends of what a date can hold are out of bounds.
    return found if found is not None and 1970 <= found.year <= 9990 else None


def wanted_day(value: Any) -> str:
    """What a day should be, for one that cannot be read."""
    return f"{A_DAY}; {NO_END} stands for no end and is no day here" if value == NO_END else A_DAY


def _fault(name: str, wanted: str) -> FhirError:
    return FhirError(Kind.BAD_REQUEST, f"{name} is {wanted}", expression=name)
