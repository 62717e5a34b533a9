"""How many people a run counted, as they are told: to a commissioner without small numbers, to others exactly."""

from __future__ import annotations

from tandem.fhir.parameters_answer import Parameter, number
from tandem.small_numbers import MASKED, disclosed_number


def people_counted(name: str, count: int, *, exact: bool) -> Parameter:
    """A whole number; unless `exact`, rounded to five, and masked where it is about one to seven people."""
    shown = count if exact else disclosed_number(count)
    return {"name": name, "_valueInteger": {"extension": [MASKED]}} if shown is None else number(name, shown)
