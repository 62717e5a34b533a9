"""A Reference that an operation was called with: http://hl7.org/fhir/R4/references.html#literal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

STAFF = ("PractitionerRole", "Practitioner")


def reference_given(value: Any, name: str, types: Sequence[str]) -> dict[str, Any]:
    """A Reference to one of these types; text such as `Practitioner/1` is one. Raises FhirError 400."""
    reference = {"reference": value} if isinstance(value, str) else value
    literal = reference.get("reference") if isinstance(reference, dict) else None
    kind, _, identity = literal.partition("/") if isinstance(literal, str) else ("", "", "")
    if not isinstance(reference, dict) or kind not in types or not identity:
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a Reference to a {' or a '.join(types)}", expression=name)
    return reference


def literal_given(value: Any, name: str, types: Sequence[str]) -> str:
    """What such a Reference names, `Practitioner/1`. Raises FhirError 400."""
    return str(reference_given(value, name, types)["reference"])


def staff_given(call: OperationCall, name: str) -> list[str]:
    """What a repeated parameter names of the staff, each once. Raises FhirError 400."""
    return list(dict.fromkeys(literal_given(each, name, STAFF) for each in call.parameters.get(name, [])))
