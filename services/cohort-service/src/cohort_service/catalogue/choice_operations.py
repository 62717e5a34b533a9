"""`Group/$choose` and `Group/$choices`: what a network switches on, or sets otherwise, for its practices' people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from cohort_service.catalogue import choice_rows
from cohort_service.catalogue.current import current_catalogue
from cohort_service.catalogue.mark import hold_catalogue, set_new_mark
from cohort_service.catalogue.reevaluation import evaluate_soon
from cohort_service.domain.affected_cohorts import affected_cohorts
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import DefinitionError, with_parameters
from cohort_service.domain.network_choices import Choice, choice_faults
from cohort_service.networks.rights import own_network
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import flag, optional_day, required_text
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import date_of, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def choose(call: OperationCall) -> FhirResponse:
    """Keep a network's choice for `cohort`: `switchedOn` (true unless false), `parameter` as `name=value`, repeated.

    It holds `from` a date, today without one, until the next choice for that cohort. The network is the caller; an
    operator names it as `organisation`. Raises FhirError 400, 403, 404, and 422 naming the rule that forbids it.
    """
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        await hold_catalogue(connection)
        organisation = await own_network(call, connection, "which cohorts it takes on")
        definitions = (await current_catalogue(connection)).definitions
        choice = _choice(call, organisation, london_date(now))
        definition = _definition(definitions, choice.cohort)
        _check(definition, choice, london_date(now))
        await choice_rows.keep(connection, choice, to_micros(now), call.request.caller.organisation)
        mark = await set_new_mark(connection)
        if choice.from_ == london_date(now):
            # A later day is seen to by the evaluation with which that day begins.
            await _evaluate(connection, mark, definition, organisation, now, definitions)
        await record(connection, [audit_entry(call.request, "$choose", to_micros(now), resource_type="Group")])
    return answer([
        text("organisation", organisation), text("cohort", choice.cohort),
        {"name": "from", "valueDate": str(choice.from_)}, yes("switchedOn", choice.switched_on),
        *map(_parameter, choice.parameters),
    ], 201)  # fmt: skip


async def choices(call: OperationCall) -> FhirResponse:
    """The choices of the caller and of the networks it belongs to; an operator's answer holds all."""
    caller, now = call.request.caller, to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        organisations = None
        if not caller.sees_all:
            organisations = {caller.organisation} | await choice_rows.networks_of(connection, caller.organisation, now)
        rows = await choice_rows.choices_of(connection, organisations)
    return answer([_listed(row) for row in rows])


def _choice(call: OperationCall, organisation: str, day: date) -> Choice:
    from_ = optional_day(call, "from") or day
    values: dict[str, int] = {}
    for given in call.parameters.get("parameter", []):
        name, separator, value = str(given).partition("=")
        if not separator or name in values or not value.isascii() or not value.isdecimal() or len(value) > 5:
            raise FhirError(Kind.BAD_REQUEST, "A parameter is name=value with a whole number of at most five digits,"
                            " each name once", expression="parameter")  # fmt: skip
        values[name] = int(value)
    switched_on = flag(call, "switchedOn", default=True)
    return Choice(organisation, required_text(call, "cohort"), from_, switched_on, tuple(sorted(values.items())))


def _definition(definitions: Mapping[str, CohortDefinition], cohort: str) -> CohortDefinition:
    definition = definitions.get(cohort)
    if definition is None:
        open_to = ", ".join(sorted(name for name, each in definitions.items() if each.status != "mandatory")) or "none"
        raise FhirError(Kind.NOT_FOUND, f"There is no such cohort; open to a network's choice are: {open_to}")
    return definition


def _check(definition: CohortDefinition, choice: Choice, day: date) -> None:
    faults = choice_faults(definition, choice, day)
    if not faults and choice.parameters:
        try:
            with_parameters(definition, dict(choice.parameters))
        except DefinitionError as error:
            faults = [str(problem) for problem in error.problems]
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(fault) for fault in faults])


async def _evaluate(
    connection: Connection, mark: str, definition: CohortDefinition, organisation: str, now: datetime,
    definitions: Mapping[str, CohortDefinition],
) -> None:  # fmt: skip
    practices = await choice_rows.practices_of(connection, [organisation], london_date(now))
    affected = affected_cohorts(definitions, cohorts=[definition.id])
    if of := practices.get(organisation):
        await evaluate_soon(connection, mark, now, cohorts=affected, practices=of)


def _parameter(pair: tuple[str, int]) -> Parameter:
    return parts("parameter", [text("name", pair[0]), number("value", pair[1])])


def _listed(row: Row) -> Parameter:
    return parts("choice", [
        text("organisation", row["organisation"]), text("cohort", row["cohort"]),
        {"name": "from", "valueDate": str(date_of(row["from_day"]))}, yes("switchedOn", bool(row["switched_on"])),
        *(_parameter(pair) for pair in sorted(choice_rows.parameters_of(row).items())),
        {"name": "made", "valueInstant": to_instant(from_micros(row["made"]))}, text("madeBy", row["made_by"]),
    ])  # fmt: skip
