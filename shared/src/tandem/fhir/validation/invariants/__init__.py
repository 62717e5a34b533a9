"""The invariants of R4 for the types in the tables, by type. Those that R4 only warns of are left out."""

from __future__ import annotations

from tandem.fhir.validation.invariants import actors, clinical, data_types, forms, measures, plans, work
from tandem.fhir.validation.invariants.rule import Invariant

INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    path: rules
    for module in (data_types, actors, clinical, plans, work, forms, measures)
    for path, rules in module.INVARIANTS.items()
}

__all__ = ["INVARIANTS"]
