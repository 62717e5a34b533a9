"""What the service ships with: value sets and definitions, installed at start when their version is a new one.

A definition that is wrong stops nothing: it is told loudly, and the version before it stays in force.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Final

from cohort_service.catalogue import definition_rows, value_set_rows
from cohort_service.catalogue.mark import hold_catalogue, set_new_mark
from cohort_service.catalogue.reevaluation import evaluate_soon
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import DefinitionError, check_definitions, parse_definition
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.nhs.value_set import ValueSet
from tandem.nhs.value_set_folder import value_sets_of
from tandem.service import Work
from tandem.versions import later

_log = logging.getLogger(__name__)
SHIPPED: Final = "shipped"
"""Who installed it, where the service did."""


def shipped_value_sets() -> Iterator[ValueSet]:
    """Every value set of the package, and those that other services ask for too."""
    return value_sets_of("cohort_service")


def shipped_texts() -> dict[str, str]:
    """File name -> text of every definition of the package."""
    folder = files("cohort_service").joinpath("definitions")
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")}


async def install_shipped(work: Work) -> None:
    """Install what is new, and have everybody evaluated by it."""
    await install(work, list(shipped_value_sets()), shipped_texts())


async def install(work: Work, value_sets: list[ValueSet], texts: dict[str, str]) -> None:
    """Install those value sets and definitions whose version is not held yet."""
    connection, now = work.connection, to_micros(work.now)
    if not await _anything_new(connection, value_sets, texts):
        return
    # A second process that starts now waits here, and then sees what this one installed.
    await hold_catalogue(connection)
    held = {(row["id"], row["version"]) for row in await connection.fetch("SELECT id, version FROM value_set")}
    new_sets = [each for each in value_sets if (each.id, each.version) not in held]
    for value_set in new_sets:
        await value_set_rows.insert(connection, value_set, now, SHIPPED)
    new_definitions = await _sound(connection, texts)
    for definition in new_definitions:
        await definition_rows.insert(connection, definition, now, SHIPPED)
    if new_sets or new_definitions:
        await evaluate_soon(connection, await set_new_mark(connection), work.now, cohorts=None)


async def _anything_new(connection: Connection, value_sets: list[ValueSet], texts: dict[str, str]) -> bool:
    held = {(row["id"], row["version"]) for row in await connection.fetch("SELECT id, version FROM value_set")}
    known = {row["text"] for row in await connection.fetch("SELECT text FROM cohort_definition")}
    return any((each.id, each.version) not in held for each in value_sets) or not known.issuperset(texts.values())


async def _sound(connection: Connection, texts: dict[str, str]) -> list[CohortDefinition]:
    """The definitions that are new and have no fault, alone or together with what is in force."""
    in_force = {
        identity: parse_definition(text, f"{identity}.yaml", held=True)
        for identity, text in (await definition_rows.texts_in_force(connection)).items()
    }
    new = {each.id: each for each in await _parsed(connection, texts)}
    value_sets = await value_set_rows.in_force(connection)
    groups = await value_set_rows.groups_in_force(connection)
    while new:
        try:
            check_definitions(together(in_force, new.values()), value_sets, groups)
        except DefinitionError as error:
            _tell(error)
            # What is wrong only together with what is in force is nobody's fault alone: then none of them comes in.
            faulty = ({problem.file.removesuffix(".yaml") for problem in error.problems} & new.keys()) or set(new)
            new = {identity: each for identity, each in new.items() if identity not in faulty}
        else:
            break
    return list(new.values())


def together(in_force: Mapping[str, CohortDefinition], new: Iterable[CohortDefinition]) -> list[CohortDefinition]:
    """What would be in force with the new ones: of each id the later version."""
    found = dict(in_force)
    for each in new:
        if each.id not in found or later(found[each.id].version) < later(each.version):
            found[each.id] = each
    return list(found.values())


async def _parsed(connection: Connection, texts: dict[str, str]) -> list[CohortDefinition]:
    found = []
    for name, text in sorted(texts.items()):
        try:
            definition = parse_definition(text, name)
        except DefinitionError as error:
            _tell(error)
            continue
        held = await definition_rows.held(connection, definition.id, definition.version)
        if held is None:
            found.append(definition)
        elif held["text"] != text:
            _log.error("%s changed without a new version: version %s is held with another text and stays as it is",
                       name, definition.version)  # fmt: skip
    return found


def _tell(error: DefinitionError) -> None:
    for problem in error.problems:
        _log.error("a definition cannot be installed, the version before it stays in force: %s", problem)
