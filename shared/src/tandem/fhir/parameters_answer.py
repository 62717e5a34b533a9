"""A Parameters resource as the answer of an operation (http://hl7.org/fhir/R4/parameters.html)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from tandem.clock import to_instant
from tandem.fhir.body import encode
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of

Parameter = dict[str, Any]


def text(name: str, value: str) -> Parameter:
    """A parameter that is a text."""
    return {"name": name, "valueString": value}


def yes(name: str, value: bool) -> Parameter:
    """A parameter that is true or false."""
    return {"name": name, "valueBoolean": value}


def number(name: str, value: int) -> Parameter:
    """A parameter that is a whole number."""
    return {"name": name, "valueInteger": value}


def coded(name: str, value: str) -> Parameter:
    """A parameter that is a code."""
    return {"name": name, "valueCode": value}


def on_day(name: str, value: date) -> Parameter:
    """A parameter that is a whole date."""
    return {"name": name, "valueDate": value.isoformat()}


def numbered_day(name: str, number: int) -> Parameter:
    """A parameter that is a whole date, given by its number (see `tandem.london_days`)."""
    return on_day(name, date_of(number))


def instant(name: str, value: datetime) -> Parameter:
    """A parameter that is a moment, in UTC."""
    return {"name": name, "valueInstant": to_instant(value)}


def reference(name: str, literal: str) -> Parameter:
    """A parameter that is a literal Reference, such as `Patient/1`."""
    return {"name": name, "valueReference": {"reference": literal}}


def parts(name: str, inner: Iterable[Parameter]) -> Parameter:
    """A parameter that has parts."""
    return {"name": name, "part": list(inner)}


def answer(parameters: Iterable[Parameter], status: int = 200) -> FhirResponse:
    """The answer; without any parameter an empty Parameters."""
    body: dict[str, Any] = {"resourceType": "Parameters"}
    if given := list(parameters):
        body["parameter"] = given
    return FhirResponse(status, encode(body))
