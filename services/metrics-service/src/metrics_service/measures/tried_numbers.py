"""Numbers that are tried out: `name=number`, to see what they would have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tandem.fhir.operation_parameters import texts
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

FARTHEST: Final = 1_000_000
"""No number that is tried lies farther from nought."""


def tried_numbers(call: OperationCall, parameter: str, example: str) -> dict[str, float]:
    """The numbers of a parameter that may be repeated, by name. Raises FhirError 400 that shows the `example`."""
    found = {}
    for text in texts(call, parameter):
        name, _, number = text.partition("=")
        value = finite(number)
        if value is None:
            wanted = f"{parameter} is the name of one and a number of at most 1,000,000, such as {example}"
            raise FhirError(Kind.BAD_REQUEST, wanted, expression=parameter)
        found[name] = value
    return found


def finite(value: Any) -> float | None:
    """A number within the bounds; None for anything else."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) <= FARTHEST else None
