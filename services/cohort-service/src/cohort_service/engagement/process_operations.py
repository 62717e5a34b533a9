"""`Group/$publish-screening-process` and `Group/$screening-process`: one process for all practices of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.engagement.sequence import ProcessStep, ScreeningProcess, step_faults
from cohort_service.engagement.process_rows import VersionHeld, processes_of, publish
from cohort_service.networks.rights import own_network
from cohort_service.runs.scope import networks_of
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import optional_day, required_text, texts
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

SCREENING = ("bowel-screening-overdue", "breast-screening-overdue", "cervical-screening-overdue")
"""What a process is for unless it names the lists itself."""


async def publish_screening_process(call: OperationCall) -> FhirResponse:
    """Publish a `version` of the network's process, in force `from` a day (else today).

    `step` in order, with parts `channel` and `afterDays` (after the step before; the first after coming onto the
    list); `cohort`, repeated, the lists it is for, else those of overdue screening. The network is the caller; an
    operator names it as `organisation`. Raises FhirError 400, 403, 409 for a version or day that is held, and 422.
    """
    now = call.kernel.clock.now()
    version, begins = required_text(call, "version"), optional_day(call, "from") or london_date(now)
    if len(version) > 64 or not version.isprintable():
        raise FhirError(Kind.BAD_REQUEST, "version is a text of at most 64 characters", expression="version")
    if begins < london_date(now):
        raise FhirError(Kind.BUSINESS_RULE, "A process is in force from today or a later day on")
    steps = _steps(rows_asked(call, "step"))
    cohorts = tuple(sorted(set(texts(call, "cohort")) or SCREENING))
    async with call.kernel.database.transaction() as connection:
        network = await own_network(call, connection, "how it invites people to screening")
        selection = await current_selection(connection, london_date(now))
        unknown = [each for each in cohorts if each not in selection.definitions]
        if unknown:
            raise FhirError(Kind.BUSINESS_RULE, issues=[
                Issue(f"There is no list of the cohort {each[:64]}") for each in unknown
            ])  # fmt: skip
        process = ScreeningProcess(network, version, day_number(begins), cohorts, steps)
        try:
            await publish(connection, process, to_micros(now), call.request.caller.organisation)
        except VersionHeld:
            raise FhirError(
                Kind.CONFLICT, "A process of this version, or from this day on, is published; a version never changes"
            ) from None
        entry = audit_entry(call.request, "$publish-screening-process", to_micros(now), resource_type="Group")
        await record(connection, [entry])
    return answer([process_part(process)])


async def screening_process(call: OperationCall) -> FhirResponse:
    """Every version that the caller, or a network that it belongs to, published; an operator names `organisation`."""
    caller, named = call.request.caller, code_parameter(call, "organisation")
    async with call.kernel.database.read() as connection:
        if caller.sees_all and named is not None:
            networks = {named}
        else:
            of = await networks_of(connection, caller.organisation, to_micros(call.kernel.clock.now()))
            networks = {caller.organisation, *of}
        found = await processes_of(connection, networks)
    return answer([process_part(each) for each in found])


def process_part(process: ScreeningProcess) -> Parameter:
    """A version as a parameter."""
    return {"name": "process", "part": [
        {"name": "organisation", "valueString": process.network}, {"name": "version", "valueString": process.version},
        {"name": "from", "valueDate": date_of(process.from_day).isoformat()},
        *({"name": "cohort", "valueCode": each} for each in process.cohorts),
        *(
            {"name": "step", "part": [
                {"name": "channel", "valueCode": each.channel}, {"name": "afterDays", "valueInteger": each.after},
            ]}
            for each in process.steps
        ),
    ]}  # fmt: skip


def _steps(parts: list[Part]) -> tuple[ProcessStep, ...]:
    read = [(part.text("channel"), part.whole_number("afterDays")) for part in parts]
    refuse_faults(parts)
    steps = tuple(ProcessStep(str(channel), int(after or 0)) for channel, after in read)
    if faults := step_faults(steps):
        raise FhirError(Kind.UNPROCESSABLE, issues=[Issue(each) for each in faults[:100]])
    return steps
