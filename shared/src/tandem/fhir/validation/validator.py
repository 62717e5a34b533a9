"""Validation of a resource against R4 4.0.1: a structural engine, and our own checks on top of either."""

from __future__ import annotations

from typing import Protocol

import msgspec

from tandem.fhir.body import Resource, encode
from tandem.fhir.outcome import Issue
from tandem.fhir.validation import walk
from tandem.fhir.validation.engines.engine import Engine
from tandem.fhir.validation.fault import MAX_ISSUES
from tandem.fhir.validation.resource_shapes import shapes

ENGINES = ("fhirkit", "fhir.resources")


class Validator(Protocol):
    """Says whether a resource is valid R4 4.0.1. Safe to share between threads."""

    def validate(self, resource: Resource, raw: bytes | None = None) -> list[Issue]:
        """Every fault of the resource; empty when it is valid.

        `raw` is the JSON text that `resource` was parsed from, if at hand: it saves writing it again. An issue quotes
        no value; its `expression` is the FHIRPath of the fault, its `code` an FHIR issue type
        (http://hl7.org/fhir/R4/valueset-issue-type.html).
        """
        ...


class _Validator:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shapes = shapes()

    def validate(self, resource: Resource, raw: bytes | None = None) -> list[Issue]:
        try:
            text = encode(resource) if raw is None else raw
            own = walk.issues(self._shapes, resource, text)
            if len(own) > MAX_ISSUES or not walk.is_type(resource.get("resourceType")):
                return own
            return own + _more(own, self._engine.issues(resource, text))
        except RecursionError:
            return [Issue("The resource is nested too deeply", code="structure")]
        except (TypeError, UnicodeEncodeError, OverflowError, msgspec.EncodeError):
            # Only a resource that was built and not parsed can be no JSON.
            return [Issue("The resource cannot be written as JSON", code="structure")]


def validator(engine: str = "fhirkit") -> Validator:
    """The validator on one of the two engines, `fhirkit` or `fhir.resources`.

    The second takes seconds and much memory to import, so it is imported only when asked for. Raises ValueError for
    another name.
    """
    if engine == "fhirkit":
        from tandem.fhir.validation.engines.rust import Fhirkit

        return _Validator(Fhirkit())
    if engine == "fhir.resources":
        from tandem.fhir.validation.engines.models import Models

        return _Validator(Models())
    raise ValueError(f"The validation engine must be one of {', '.join(ENGINES)}")


def _more(own: list[Issue], found: list[Issue]) -> list[Issue]:
    """What the engine found and we did not: nothing at, above or below a fault that is told already."""
    if not own or not found:
        return found
    told = [issue.expression for issue in own if issue.expression]
    return [issue for issue in found if not any(_same_place(issue.expression or "", place) for place in told)]


def _same_place(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    # The root is above everything and so tells nothing.
    return "." in shorter and longer.startswith(shorter) and longer[len(shorter)] in ".["
