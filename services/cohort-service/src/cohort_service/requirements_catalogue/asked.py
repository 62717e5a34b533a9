"""The parameters of the operations on requirements and agreements: days, texts, organisations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from cohort_service.networks.asked import organisation_named
from tandem.clock import LONDON
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import organisation_code, reference_code
from tandem.identity.references import PREFIX, resolve

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def only(call: OperationCall, names: Collection[str]) -> None:
    """Raises FhirError 400 that names every parameter that the operation does not have."""
    unknown = sorted(set(call.parameters) - set(names))
    if unknown:
        text = f"There is no parameter {', '.join(unknown)[:200]} here; there are {', '.join(sorted(names))}"
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, text)


def text_given(call: OperationCall, name: str) -> str:
    """A parameter that has to be there, as text. Raises FhirError 400."""
    value = call.one(name)
    if not isinstance(value, str) or not value.strip():
        raise FhirError(Kind.BAD_REQUEST, f"Give the parameter {name}", expression=name)
    return value.strip()


def day_given(call: OperationCall, name: str) -> date | None:
    """A parameter that is a day; None when it is not given. Raises FhirError 400."""
    value = call.one(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a date such as 2020-07-01", expression=name) from None


def today(call: OperationCall) -> date:
    """The day in London."""
    return call.kernel.clock.now().astimezone(LONDON).date()


def yes_or_no(call: OperationCall, name: str) -> bool | None:
    """A parameter that is true or false; None when it is not given. Raises FhirError 400."""
    value = call.one(name)
    if value is None or isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise FhirError(Kind.BAD_REQUEST, f"{name} is true or false", expression=name)
    return bool(value == "true")


async def resolved(connection: Connection, value: Any, name: str) -> str:
    """The code of the organisation that a parameter names: a Reference, `Organization/id` or a code.

    Raises FhirError 400 when it is none of these, 422 when its Organization is not held.
    """
    given = _code_given(value)
    if given is None:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a Reference, Organization/[id] or a code", expression=name)
    code = (await resolve(connection, [given]))[given]
    if code is None:
        raise FhirError(Kind.UNPROCESSABLE, f"{name} names an Organization that is not held here", expression=name)
    return code


def _code_given(value: Any) -> str | None:
    if isinstance(value, dict):
        return organisation_named(value)
    if isinstance(value, str) and value.startswith(PREFIX):
        return reference_code({"reference": value})
    try:
        return organisation_code(str(value or ""))
    except ValueError:
        return None
