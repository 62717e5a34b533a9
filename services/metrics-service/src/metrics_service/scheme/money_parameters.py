"""Sums of money in what an operation is asked and answers: pounds sterling (http://hl7.org/fhir/R4/datatypes.html#Money)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_service.domain.payments.money import amount_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_CURRENCY = "GBP"
_MEANING = "is a sum in pounds of more than nothing, with two decimals at most"


def money(name: str, amount: Decimal) -> dict[str, Any]:
    """A parameter that is a sum of money."""
    return {"name": name, "valueMoney": {"value": amount, "currency": _CURRENCY}}


def amount_given(call: OperationCall, name: str) -> Decimal:
    """The sum that a parameter gives, as Money or as a number. Raises FhirError 400."""
    found = _amount(call.one(name))
    if found is None:
        raise FhirError(Kind.BAD_REQUEST, f"{name} {_MEANING}", expression=name)
    return found


def amount_in(row: Part, name: str) -> Decimal | None:
    """The sum that a part of a row gives; None, with a fault, when it is none."""
    value = row.one(name, "a sum in pounds")
    found = _amount(value)
    if value is not None and found is None:
        row.fault(name, f"{name} {_MEANING}")
    return found


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, dict):
        if value.get("currency", _CURRENCY) != _CURRENCY:
            return None
        value = value.get("value")
    return amount_of(value)
