"""Rows of a Parameters: the repetitions of a parameter with parts, whose faults are gathered and told together.

http://hl7.org/fhir/R4/parameters.html. No text repeats what was sent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tandem.fhir.body import parse_resource
from tandem.fhir.operation_parameters import A_DAY, NO_END, SHORT, day_in, wanted_day
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_MOST_ROWS = 20_000
_LARGEST = 2_000_000_000


@dataclass(slots=True)
class Part:
    """One repetition of a parameter with parts; `expression` says where it stands. Faults are gathered in `issues`."""

    expression: str
    values: dict[str, list[Any]]
    issues: list[Issue] = field(default_factory=list)

    def all(self, name: str) -> list[Any]:
        """The values of a part."""
        return self.values.get(name, [])

    def one(self, name: str, meaning: str, *, required: bool = True) -> Any:
        """The single value of a part; None, with an issue, when it is missing or there are several."""
        values = self.all(name)
        if len(values) > 1 or (required and not values):
            self.fault(name, f"{name} is given once: {meaning}")
            return None
        return values[0] if values else None

    def day(self, name: str, *, required: bool = True) -> int | None:
        """The number of a day in full (see `tandem.london_days`)."""
        value = self.one(name, A_DAY, required=required)
        if value is None:
            return None
        day = day_in(value)
        if day is None:
            self.fault(name, f"{name} is {wanted_day(value)}")
            return None
        return day_number(day)

    def end(self, name: str) -> int | None:
        """The number of the day on which something ends; None when it is not given, and for 9999-12-31: no end."""
        return None if self.all(name) == [NO_END] else self.day(name, required=False)

    def whole_number(self, name: str) -> int | None:
        """A whole number from 0 up."""
        value = self.one(name, "a whole number, 0 or more")
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST):
            self.fault(name, f"{name} is a whole number, 0 or more")
            return None
        return value

    def number(self, name: str, *, required: bool = True, most: float = _LARGEST) -> float | None:
        """A number from 0 up to `most`."""
        meaning = "a number, 0 or more" if most == _LARGEST else f"a number from 0 to {most:g}"
        value = self.one(name, meaning, required=required)
        if value is None:
            return None
        try:
            found = float(value) if not isinstance(value, bool | str | dict | list) else math.nan
        except (TypeError, ValueError, OverflowError):
            found = math.nan
        if not 0 <= found <= most:
            self.fault(name, f"{name} is {meaning}")
            return None
        return found

    def text(self, name: str, *, required: bool = True) -> str | None:
        """A text that is not empty, of 200 characters at most."""
        value = self.one(name, "a text", required=required)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value.strip()) <= SHORT or not value.isprintable():
            self.fault(name, f"{name} is a text of 1 to {SHORT} characters on one line")
            return None
        return value.strip()

    def fault(self, name: str, text: str) -> None:
        """Remember a fault of a part."""
        self.issues.append(Issue(text, f"{self.expression}.part.where(name='{name}')", "value"))


def rows_asked(call: OperationCall, name: str, *, least: int = 1) -> list[Part]:
    """The repetitions of the parameter `name` in the body, in order. Raises FhirError 400 for fewer than `least`."""
    body = parse_resource(call.request.body) if call.request.body else {}
    parameters = body.get("parameter") or () if body.get("resourceType") == "Parameters" else ()
    found = [each for each in parameters if each.get("name") == name]
    if not least <= len(found) <= _MOST_ROWS:
        wanted = f"{least} to {_MOST_ROWS}"
        raise FhirError(
            Kind.BAD_REQUEST, f"Post Parameters with {wanted} of the parameter {name}, with parts", expression=name
        )
    return [_part(f"Parameters.parameter.where(name='{name}')[{place}]", each) for place, each in enumerate(found)]


def _part(expression: str, parameter: dict[str, Any]) -> Part:
    values: dict[str, list[Any]] = {}
    parts = parameter.get("part") or []
    if not isinstance(parts, list):
        raise FhirError(Kind.BAD_REQUEST, "part is a list", expression=expression)
    for each in parts:
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            raise FhirError(Kind.BAD_REQUEST, "Every part has a name", expression=expression)
        values.setdefault(each["name"], []).extend(
            value for key, value in each.items() if key.startswith("value") and value is not None
        )
    return Part(expression, values)


def refuse_faults(parts: Sequence[Part]) -> None:
    """Raises FhirError 422 with every fault found; nothing is written before this."""
    issues = [issue for part in parts for issue in part.issues]
    if issues:
        raise FhirError(Kind.UNPROCESSABLE, issues=issues[:100])
