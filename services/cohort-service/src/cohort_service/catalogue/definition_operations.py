"""`Group/$define`, `Group/$withdraw-definition` and `Group/$definitions`: which rules there are, and new versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.catalogue import definition_rows, value_set_rows
from cohort_service.catalogue.current import current_catalogue
from cohort_service.catalogue.definition_parameters import described
from cohort_service.catalogue.installing import Installed, check_and_install, read_definition, withdraw
from cohort_service.catalogue.operators_only import for_operators
from cohort_service.domain.definition_language.nodes import CohortDefinition
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import flag, optional_text, required_text, whole_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.caller import Caller
from tandem.identity.organisations import NETWORK
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def define(call: OperationCall) -> FhirResponse:
    """Install `definition`, the text of a YAML file (`file` is its name); with `dry-run` only check it.

    Operators install any; a network checks any, and installs only optional cohorts, which are off until a network
    switches them on, and new versions of its own. Raises FhirError 403 before anything is read, 409 for a version that
    is held already or not later than the one in force, 422 with file, line and what is allowed for each fault; then the
    version before it stays in force.
    """
    caller = call.request.caller
    async with call.kernel.database.read() as connection:
        await _may_define(connection, caller)
    definition = read_definition(whole_text(call, "definition"), optional_text(call, "file"))
    dry_run, now = flag(call, "dry-run"), call.kernel.clock.now()
    if dry_run:
        async with call.kernel.database.read() as connection:
            installed = await check_and_install(connection, definition, caller.organisation, now, dry_run=True)
        return _installed(installed, dry_run=True)
    async with call.kernel.database.transaction() as connection:
        await _permit(connection, caller, definition)
        installed = await check_and_install(connection, definition, caller.organisation, now, dry_run=False)
        await record(connection, [audit_entry(call.request, "$define", to_micros(now), resource_type="Group")])
    return _installed(installed, dry_run=False)


async def withdraw_definition(call: OperationCall) -> FhirResponse:
    """Take version `version` of `id` out of force, so that the one before it holds again; it stays readable.

    For operators. Raises FhirError 403, 404, and 409 when other definitions could not do without it.
    """
    for_operators(call, "withdraws definitions")
    identity, version = required_text(call, "id"), required_text(call, "version")
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        in_force = await withdraw(connection, identity, version, now)
        entry = audit_entry(call.request, "$withdraw-definition", to_micros(now), resource_type="Group")
        await record(connection, [entry])
    return answer([text("withdrawn", f"{identity}@{version}")]
                  + ([text("inForce", in_force.name)] if in_force is not None else []))  # fmt: skip


async def definitions(call: OperationCall) -> FhirResponse:
    """The definitions in force; with `id` every version of one, with `version` that one.

    Each with its text, what it says in English as `$explain` does, its status, parameters, dates and value sets with
    their counts. Any caller may read them: they say nothing of anybody. Raises FhirError 404.
    """
    identity, version = optional_text(call, "id"), optional_text(call, "version")
    async with call.kernel.database.read() as connection:
        in_force = await definition_rows.texts_in_force(connection)
        rows = await definition_rows.versions(connection, identity)
        counts = await value_set_rows.active_counts(connection)
        titles = (await current_catalogue(connection)).names
    if identity is None:
        rows = [row for row in rows if row["active"] and in_force[row["id"]] == row["text"]]
    rows = [row for row in rows if version in (None, row["version"])]
    if not rows and (identity or version):
        raise FhirError(Kind.NOT_FOUND, "There is no such definition, or no such version of it")
    return answer([described(row, in_force.get(row["id"]) == row["text"], counts, titles) for row in rows])


async def _may_define(connection: Connection, caller: Caller) -> None:
    """Before anything is read: what is wrong with a definition is told to those who may install one."""
    if not caller.sees_all and await kind_of_caller(connection, caller.organisation) != NETWORK:
        raise FhirError(Kind.FORBIDDEN, "Definitions are installed by operators, and optional ones also by networks")


async def _permit(connection: Connection, caller: Caller, definition: CohortDefinition) -> None:
    await _may_define(connection, caller)
    if caller.sees_all:
        return
    if definition.status != "optional":
        raise FhirError(Kind.FORBIDDEN, f"Only an operator installs a {definition.status} definition")
    versions = await definition_rows.versions(connection, definition.id)
    if any(row["installed_by"] != caller.organisation for row in versions):
        raise FhirError(Kind.FORBIDDEN, f"{definition.id} is not this network's own definition")


def _installed(installed: Installed, *, dry_run: bool) -> FhirResponse:
    definition = installed.definition
    found = [text("id", definition.id), text("version", definition.version), text("status", definition.status),
             yes("installed", installed.new and not dry_run)]  # fmt: skip
    found += [text("affects", cohort) for cohort in installed.affected]
    return answer(found, 201 if installed.new and not dry_run else 200)
