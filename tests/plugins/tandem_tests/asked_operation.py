"""A call of an operation as its handler gets it, with nothing behind it but a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from tandem.clock import SettableClock
from tandem.fhir.body import encode
from tandem.fhir.operation import OperationCall, body_parameters
from tandem.fhir.request import FhirRequest

MORNING = datetime(2020, 7, 1, 8, tzinfo=UTC)


def asked(*parameters: dict[str, Any], now: datetime = MORNING) -> OperationCall:
    """POST of these parameters."""
    body = {"resourceType": "Parameters", "parameter": list(parameters)}
    request = FhirRequest("POST", "Group/$ask", "", {}, encode(body), "http://tandem.test/fhir", "1", "1")
    named: dict[str, list[Any]] = {}
    for name, value in body_parameters(body):
        named.setdefault(name, []).append(value)
    return OperationCall(cast(Any, SimpleNamespace(clock=SettableClock(now))), request, "Group", None, named)


def given(**values: Any) -> OperationCall:
    """POST of texts, booleans or whole numbers by their names."""
    kinds = {bool: "valueBoolean", int: "valueInteger", dict: "valueReference"}
    return asked(*({"name": name, kinds.get(type(each), "valueString"): each} for name, each in values.items()))
