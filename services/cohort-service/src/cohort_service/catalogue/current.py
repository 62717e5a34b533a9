"""What is in force on a day, as a Selection: kept in the process until the mark of the catalogue changes."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from cohort_service.catalogue.choice_rows import all_choices, practices_of
from cohort_service.catalogue.definition_rows import texts_in_force
from cohort_service.catalogue.mark import current_mark
from cohort_service.catalogue.value_set_rows import groups_in_force, in_force, resolved, titles_in_force
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import DefinitionError, parse_definition, with_parameters
from cohort_service.domain.definition_language.references import references_of
from cohort_service.domain.definition_language.titles import Titles, titles_of_groups
from cohort_service.domain.network_choices import Choice, changed_parameters, choices_on, switched_on
from cohort_service.selection.selection import Selection, Variant
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Issue, Kind

_log = logging.getLogger(__name__)
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything in force whatever the day: definitions, value sets and their titles, groups; all choices ever made."""

    mark: str
    definitions: Mapping[str, CohortDefinition]
    value_sets: Mapping[str, tuple[int, ...]]
    groups: Mapping[str, tuple[str, ...]]
    choices: tuple[Choice, ...]
    titles: Mapping[str, str]

    @property
    def names(self) -> Titles:
        """What value sets, groups and cohorts are called in a sentence."""
        cohorts = {identity: definition.title for identity, definition in self.definitions.items()}
        return Titles(self.titles, titles_of_groups(self.groups, self.titles), cohorts)


async def current_selection(connection: Connection, as_of: date) -> Selection:
    """What is in force on `as_of`: the newest active versions, with what networks chose by then.

    The same object comes back while nothing has changed, so that whoever compiles it may keep what they compiled.
    """
    catalogue = await current_catalogue(connection)
    holding = choices_on(catalogue.choices, as_of)
    practices = await practices_of(connection, {choice.organisation for choice in holding}, as_of)
    key = (catalogue.mark, tuple(holding), tuple(sorted(practices.items())))
    kept = _kept(connection, "selections")
    if key not in kept:
        _keep(kept, key, _selection(catalogue, holding, practices))
    selection: Selection = kept[key]
    return selection


async def selection_with(connection: Connection, as_of: date, parameters: Mapping[str, int]) -> Selection:
    """The same with other values of parameters (`cohort.parameter` -> value), for everybody, networks' own included.

    Raises FhirError 400 naming the valid cohorts or parameters, or why a value is impossible.
    """
    selection = await current_selection(connection, as_of)
    tried: dict[str, dict[str, int]] = {}
    for name, value in parameters.items():
        cohort, _, parameter = name.rpartition(".")
        tried.setdefault(cohort, {})[parameter] = value
    changed = {cohort: _tried(selection, cohort, values) for cohort, values in tried.items()}
    variants = (
        replace(each, definition=_changed(each.definition, tried[each.cohort])) if each.cohort in tried else each
        for each in selection.variants
    )
    return replace(selection, definitions={**selection.definitions, **changed}, variants=tuple(variants))


async def current_catalogue(connection: Connection) -> Catalogue:
    """Everything in force. Definitions are parsed and value sets read only when the mark is a new one."""
    mark = await current_mark(connection)
    kept = _kept(connection, "catalogues")
    if mark not in kept:
        _keep(kept, mark, await _read(connection, mark))
    catalogue: Catalogue = kept[mark]
    return catalogue


async def _read(connection: Connection, mark: str) -> Catalogue:
    texts = await texts_in_force(connection)
    definitions = {identity: parsed(identity, text) for identity, text in texts.items()}
    versions = await in_force(connection)
    groups = await groups_in_force(connection)
    references = [references_of(each) for each in definitions.values()]
    used = {name for each in references for name in each.value_sets}
    used |= {name for each in references for group in each.groups for name in groups.get(group, ())}
    value_sets = await resolved(connection, versions, used & versions.keys())
    titles = await titles_in_force(connection)
    return Catalogue(mark, definitions, value_sets, groups, tuple(await all_choices(connection)), titles)


@lru_cache(maxsize=1024)
def parsed(identity: str, text: str) -> CohortDefinition:
    """A definition that is installed. Its text was parsed before it was, so a fault here is a fault of ours."""
    return parse_definition(text, f"{identity}.yaml", held=True)


def _selection(
    catalogue: Catalogue, holding: list[Choice], practices: Mapping[str, tuple[str, ...]]
) -> Selection:
    definitions = catalogue.definitions
    variants = []
    for (cohort, values), of in changed_parameters(definitions, holding, practices).items():
        try:
            variants.append(Variant(cohort, with_parameters(definitions[cohort], dict(values)), of))
        except DefinitionError:
            # The choice was checked with the version of its day; a newer one may allow less.
            _log.error("a choice for %s does not fit its new version; the standard parameters hold", cohort)
    return Selection(
        definitions, catalogue.value_sets, catalogue.groups, tuple(variants),
        switched_on(definitions, holding, practices), catalogue.titles,
    )  # fmt: skip


def _tried(selection: Selection, cohort: str, values: Mapping[str, int]) -> CohortDefinition:
    definition = selection.definitions.get(cohort)
    if definition is None:
        known = ", ".join(sorted(selection.definitions)) or "none"
        raise FhirError(Kind.BAD_REQUEST, f"There is no cohort {cohort[:64]} to try; a parameter is named"
                        f" cohort.parameter, and the cohorts are: {known}")  # fmt: skip
    unknown = [name for name in values if name not in definition.parameters]
    if unknown:
        known = ", ".join(f"{cohort}.{name}" for name in sorted(definition.parameters)) or "none"
        raise FhirError(Kind.BAD_REQUEST, f"{cohort} has no parameter {unknown[0][:64]}; it has: {known}")
    return _changed(definition, values)


def _changed(definition: CohortDefinition, values: Mapping[str, int]) -> CohortDefinition:
    try:
        return with_parameters(definition, {**definition.parameters, **values})
    except DefinitionError as error:
        raise FhirError(Kind.BAD_REQUEST, issues=[Issue(str(problem)) for problem in error.problems]) from None


def _kept(connection: Connection, name: str) -> OrderedDict[Hashable, Any]:
    kept: OrderedDict[Hashable, Any] = connection.memory.setdefault(name, OrderedDict())
    return kept


def _keep(kept: OrderedDict[Hashable, Any], key: Hashable, value: Any) -> None:
    kept[key] = value
    while len(kept) > _KEPT:
        kept.popitem(last=False)
