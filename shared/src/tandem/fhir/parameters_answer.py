"""A Parameters resource as the answer of an operation (http://hl7.org/fhir/R4/parameters.html)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tandem.fhir.body import encode
from tandem.fhir.request import FhirResponse

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


def parts(name: str, inner: Iterable[Parameter]) -> Parameter:
    """A parameter that has parts."""
    return {"name": name, "part": list(inner)}


def answer(parameters: Iterable[Parameter], status: int = 200) -> FhirResponse:
    """The answer; without any parameter an empty Parameters."""
    body: dict[str, Any] = {"resourceType": "Parameters"}
    if given := list(parameters):
        body["parameter"] = given
    return FhirResponse(status, encode(body))
