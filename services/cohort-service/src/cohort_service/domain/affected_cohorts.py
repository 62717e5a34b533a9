"""Which cohorts may have other members after a change of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.references import references_of


def affected_cohorts(
    definitions: Mapping[str, CohortDefinition], *, cohorts: Collection[str] = (), value_sets: Collection[str] = (),
    groups: Collection[str] = (),
) -> list[str]:  # fmt: skip
    """The cohorts named, those that use a changed value set or group, and all that refer to any of these, in order."""
    references = {name: references_of(each) for name, each in definitions.items()}
    found = {name for name in cohorts if name in definitions}
    for name, each in references.items():
        if not (set(value_sets).isdisjoint(each.value_sets) and set(groups).isdisjoint(each.groups)):
            found.add(name)
    while more := {name for name, each in references.items() if name not in found and found & set(each.cohorts)}:
        found |= more
    return sorted(found)
