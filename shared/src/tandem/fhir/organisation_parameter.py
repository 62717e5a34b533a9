"""The organisation that a parameter of an operation names: by Reference, `Organization/[id]` or ODS code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import short_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import organisation_code, reference_code
from tandem.identity.references import PREFIX, resolve

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def code_parameter(call: OperationCall, name: str) -> str | None:
    """The ODS code that a parameter gives; None when it is not given. Raises FhirError 400."""
    text = short_text(call, name)
    if text is None:
        return None
    try:
        return organisation_code(text)
    except ValueError:
        text = f"{name} is the ODS code of an organisation"
        raise FhirError(Kind.BAD_REQUEST, text, expression=name) from None


def organisation_named(value: Any) -> str | None:
    """What a Reference says of an organisation (see `reference_code`); None when it is no such Reference."""
    if not isinstance(value, dict) or not isinstance(value.get("reference", ""), str):
        return None
    identifier = value.get("identifier", {})
    if not isinstance(identifier, dict):
        return None
    if not all(isinstance(identifier.get(name, ""), str) for name in ("system", "value")):
        return None
    code = reference_code(value)
    return code if code is not None and code.isprintable() else None


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
