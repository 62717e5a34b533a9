"""Which definition of a cohort holds for the people of a practice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.selection.selection import Selection


def definition_for(selection: Selection, cohort: str, practice: str | None, as_of: date) -> CohortDefinition | None:
    """The definition by which the practice's list is kept on the day.

    None when the cohort is not in force there, and when no list is kept of it (`list: false`).
    """
    own = (each.definition for each in selection.variants if each.cohort == cohort and practice in each.practices)
    definition = next(own, selection.definitions.get(cohort))
    if definition is None or not definition.listed or not _applies(definition, as_of):
        return None
    if definition.status == "optional" and practice not in selection.switched_on.get(cohort, ()):
        return None
    return definition


def definitions_for(selection: Selection, practice: str, as_of: date) -> Iterator[CohortDefinition]:
    """Every definition in force by which a list of the practice is kept."""
    for cohort in sorted(selection.definitions):
        definition = definition_for(selection, cohort, practice, as_of)
        if definition is not None:
            yield definition


def _applies(definition: CohortDefinition, as_of: date) -> bool:
    begins, ends = definition.applies_from, definition.applies_until
    return (begins is None or begins <= as_of) and (ends is None or as_of <= ends)
