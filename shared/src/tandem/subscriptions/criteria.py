"""The criteria of a Subscription: a search of the service that keeps it, asked of each version by itself."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.fhir.outcome import FhirError
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.request import parse_pairs
from tandem.fhir.search.control import CONTROLS
from tandem.fhir.search.criteria import Criterion, NhsNumber
from tandem.fhir.search.query import SearchQuery, parse_query

EXPRESSION = "Subscription.criteria"


class CriteriaRefused(Exception):
    """The criteria cannot be watched; `texts` say why, and quote no value of them."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        super().__init__(texts[0])


@dataclass(frozen=True, slots=True)
class Criteria:
    """The type that is watched, and what must hold of a version of it."""

    type: str
    query: SearchQuery


def read_criteria(text: str, service: str, base: str) -> Criteria:
    """The criteria as this service can watch them. Raises CriteriaRefused.

    A chain or `_has` asks of other records, whose changes would go unnoticed; what shapes a result chooses nothing.
    """
    resource_type, _, query = text.removeprefix(f"{base}/").partition("?")
    if resource_type not in OWNED_TYPES.get(service, ()):
        raise CriteriaRefused(f"The criteria begin with a type that {service} owns, such as Task?status=requested")
    try:
        pairs = parse_pairs(query)
        parsed = parse_query(resource_type, pairs, False, base=base, service=service)
    except FhirError as error:
        raise CriteriaRefused(*(issue.text for issue in error.issues)) from None
    shaping = sorted({name for name, _ in parsed.used if name in CONTROLS})
    if shaping:
        raise CriteriaRefused(f"{', '.join(shaping)} shapes a search result; criteria only choose")
    if not all(isinstance(condition, Criterion | NhsNumber) for condition in parsed.conditions):
        raise CriteriaRefused("Criteria ask of the record itself: a chained parameter or _has cannot be watched")
    return Criteria(resource_type, parsed)
