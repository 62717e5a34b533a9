"""What the operations of the catalogue are called with, and the Parameters that they answer with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

Parameter = dict[str, Any]


def required_text(call: OperationCall, name: str) -> str:
    """A text that must be given. Raises FhirError 400."""
    value = optional_text(call, name)
    if value is None:
        raise FhirError(Kind.BAD_REQUEST, f"The parameter {name} is needed", expression=name)
    return value


def optional_text(call: OperationCall, name: str) -> str | None:
    """A text, or None when it is not given or empty. Raises FhirError 400 for anything else."""
    value = call.one(name)
    if value is not None and not isinstance(value, str):
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a text", expression=name)
    if value and "\x00" in value:
        raise FhirError(Kind.BAD_REQUEST, f"{name} holds a null character", expression=name)
    return value or None


def flag(call: OperationCall, name: str, *, default: bool = False) -> bool:
    """A boolean, also as the text true or false of an address. Raises FhirError 400 for anything else."""
    value = call.one(name)
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    if value is None:
        return default
    raise FhirError(Kind.BAD_REQUEST, f"{name} is true or false", expression=name)


def for_operators(call: OperationCall, what: str) -> None:
    """Raises FhirError 403 for everybody else."""
    if not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, f"Only an operator {what}")


def text(name: str, value: str) -> Parameter:
    """A parameter of the answer."""
    return {"name": name, "valueString": value}


def yes(name: str, value: bool) -> Parameter:
    """A parameter of the answer that is true or false."""
    return {"name": name, "valueBoolean": value}


def number(name: str, value: int) -> Parameter:
    """A parameter of the answer that is a whole number."""
    return {"name": name, "valueInteger": value}


def parts(name: str, inner: list[Parameter]) -> Parameter:
    """A parameter of the answer that has parts."""
    return {"name": name, "part": inner}


def answer(parameters: list[Parameter], status: int = 200) -> FhirResponse:
    """The answer; without any parameter an empty Parameters."""
    body: dict[str, Any] = {"resourceType": "Parameters"}
    if parameters:
        body["parameter"] = parameters
    return FhirResponse(status, encode(body))
