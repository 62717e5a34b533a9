"""The parameters of the operations on lists, read from a query or from a Parameters resource."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def whole_number(call: OperationCall, name: str, default: int) -> int:
    """A number of zero or more. Raises FhirError 400."""
    value = call.one(name)
    text = str(value if value is not None else default)
    if not text.isdecimal() or len(text) > 9:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a whole number")
    return int(text)


def yes_or_no(call: OperationCall, name: str) -> bool:
    """`true` or `false`, false when it is not given. Raises FhirError 400."""
    value = call.one(name)
    if value in (None, False, "false"):
        return False
    if value in (True, "true"):
        return True
    raise FhirError(Kind.BAD_REQUEST, f"{name} is true or false")


def text(call: OperationCall, name: str) -> str | None:
    """A text without blanks around it, None when it is not given or blank. Raises FhirError 400."""
    value = call.one(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a text")
    return value.strip() or None


def texts(call: OperationCall, name: str) -> list[str]:
    """All values of a parameter. Raises FhirError 400 for one that is no text or blank."""
    values: list[Any] = call.parameters.get(name, [])
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a text")
    return [str(value).strip() for value in values]


def day(call: OperationCall, name: str) -> date | None:
    """A whole date such as 2021-03-31. Raises FhirError 400."""
    value = text(call, name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a date such as 2021-03-31") from None


def one_of(call: OperationCall, name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of some words. Raises FhirError 400 that gives them."""
    value = text(call, name) or default
    if value not in allowed:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is one of {', '.join(allowed)}")
    return value
