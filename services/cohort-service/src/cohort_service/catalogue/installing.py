"""Installing a version of a definition, or taking one out of force, with all that is checked before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cohort_service.catalogue import definition_rows, value_set_rows
from cohort_service.catalogue.current import current_catalogue
from cohort_service.catalogue.mark import hold_catalogue, set_new_mark
from cohort_service.catalogue.reevaluation import evaluate_soon
from cohort_service.catalogue.shipped import together
from cohort_service.domain.affected_cohorts import affected_cohorts
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import DefinitionError, check_definitions, parse_definition
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.versions import later

_LONGEST = 100_000
_ID_LINE = re.compile(r"^id:\s*[\"']?([a-z0-9][a-z0-9-]{0,95})\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Installed:
    """What came of it: `new` is False when this very text was in force already; `affected` are the cohorts whose
    lists may change."""

    definition: CohortDefinition
    new: bool
    affected: tuple[str, ...]


def read_definition(text: str, file: str | None) -> CohortDefinition:
    """Parse what was sent; without a file name it is called by its id. Raises FhirError 422 with every fault."""
    if len(text) > _LONGEST:
        raise FhirError(Kind.INVALID, f"A definition has at most {_LONGEST} characters")
    named = _ID_LINE.search(text)
    try:
        return parse_definition(text, file or f"{named[1] if named else 'definition'}.yaml")
    except DefinitionError as error:
        raise refusal(error) from None


async def check_and_install(
    connection: Connection, definition: CohortDefinition, by: str, now: datetime, *, dry_run: bool
) -> Installed:
    """Check a definition with what is in force and, unless `dry_run`, install it and have everybody concerned
    evaluated. Raises FhirError 409 for a version that is held with another text or not later, 422 for its faults."""
    if not dry_run:
        await hold_catalogue(connection)
    in_force = (await current_catalogue(connection)).definitions
    held = await definition_rows.held(connection, definition.id, definition.version)
    if held is not None and held["text"] != definition.text:
        raise FhirError(Kind.CONFLICT, f"Version {definition.version} of {definition.id} is held with another text; a"
                        " version never changes, so give this one a later version")  # fmt: skip
    before = in_force.get(definition.id)
    if before is not None and before.text == definition.text:
        return Installed(definition, False, ())
    if before is not None and later(definition.version) <= later(before.version):
        raise FhirError(Kind.CONFLICT, f"Version {before.version} of {definition.id} is in force, and"
                        f" {definition.version} is not later than that")  # fmt: skip
    after = {each.id: each for each in together(in_force, [definition])}
    await _check(connection, after.values())
    affected = tuple(affected_cohorts(after, cohorts=[definition.id]))
    if not dry_run:
        if held is None:
            await definition_rows.insert(connection, definition, to_micros(now), by)
        else:
            await definition_rows.set_active(connection, definition.id, definition.version, True)
        await evaluate_soon(connection, await set_new_mark(connection), now, cohorts=affected)
    return Installed(definition, True, affected)


async def withdraw(connection: Connection, identity: str, version: str, now: datetime) -> CohortDefinition | None:
    """Take a version out of force; the one before it comes back. Answers what is in force then.

    Raises FhirError 404 when the version is not in force at all, 409 when others could not do without it.
    """
    await hold_catalogue(connection)
    before = (await current_catalogue(connection)).definitions
    if not await definition_rows.set_active(connection, identity, version, False):
        raise FhirError(Kind.NOT_FOUND, "There is no such version, or it is withdrawn already")
    texts = await definition_rows.texts_in_force(connection)
    after = {name: parse_definition(text, f"{name}.yaml", held=True) for name, text in texts.items()}
    try:
        await _check(connection, after.values())
    except FhirError as error:
        raise FhirError(Kind.CONFLICT, issues=error.issues) from None
    affected = affected_cohorts({**before, **after}, cohorts=[identity])
    await evaluate_soon(connection, await set_new_mark(connection), now, cohorts=affected)
    return after.get(identity)


def refusal(error: DefinitionError) -> FhirError:
    """422 with an issue for each problem: file, line, what is wrong and what is allowed."""
    return FhirError(Kind.INVALID, issues=[Issue(str(problem)) for problem in error.problems])


async def _check(connection: Connection, definitions: Iterable[CohortDefinition]) -> None:
    value_sets = await value_set_rows.in_force(connection)
    groups = await value_set_rows.groups_in_force(connection)
    try:
        check_definitions(definitions, value_sets, groups)
    except DefinitionError as error:
        raise refusal(error) from None
