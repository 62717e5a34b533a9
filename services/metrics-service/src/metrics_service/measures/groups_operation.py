"""`Measure/{id}/$groups`: to which lists of people a measure applies in a network or a commissioner's area (AC-080)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from metrics_service.asked_organisations import organisation_asked
from metrics_service.domain.london_days import written
from metrics_service.domain.measures.applies_to import faults_of_setting
from metrics_service.domain.measures.clauses import kinds_of
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.who_may_ask import MEASURED_KINDS
from metrics_service.facts.changes import note_changes
from metrics_service.measures.group_rows import Groups, keep_setting, settings_of
from metrics_service.measures.shipped import definitions
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, required_day, required_short_text, texts, today
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer, coded, number, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisations import COMMISSIONER, NETWORK

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.operation import OperationCall

ACTION: Final = "$groups"
_SETTERS: Final = (NETWORK, COMMISSIONER)


async def groups(call: OperationCall) -> FhirResponse:
    """GET answers the shipped `list`s with their `version`, and every `setting` of the `organisation` (the caller's own
    without it). POST by a network or a commissioner makes the next one: `list` (repeated), `from`, `reason`.

    Raises FhirError 400, 403, 404, and 422 with every rule that a setting breaks.
    """
    definition = definitions().get(str(call.id))
    if definition is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such Measure among those that are evaluated here")
    now = to_micros(call.kernel.clock.now())
    if call.request.method == "GET":
        only(call, ("organisation",))
        async with call.kernel.database.read() as connection:
            about, _ = await _asked(call, connection, now)
            shown = await _shown(connection, definition, about)
        await audit_reads(call.kernel.database, call.request, ACTION, "Measure", set(), now)
        return answer(shown)
    only(call, ("organisation", "list", "from", "reason"))
    async with call.kernel.database.transaction() as connection:
        about, kind = await _asked(call, connection, now)
        _check_setter(call, about, kind)
        await _set(call, connection, definition, about, now)
        await record(connection, [audit_entry(call.request, ACTION, now, resource_type="Measure", resource_id=call.id)])
        return answer(await _shown(connection, definition, about))


async def _asked(call: OperationCall, connection: Connection, now: int) -> tuple[str, str]:
    named = ("organisation", call.one("organisation")) if "organisation" in call.parameters else None
    about, kind, _ = await organisation_asked(call, connection, named, now, (*MEASURED_KINDS, COMMISSIONER))
    return about, kind


def _check_setter(call: OperationCall, about: str, kind: str) -> None:
    if kind not in _SETTERS or not (call.request.caller.sees_all or call.request.caller.organisation == about):
        raise FhirError(Kind.FORBIDDEN, "To whom a measure applies is set by a network or a commissioner for itself")


async def _set(call: OperationCall, connection: Connection, definition: Definition, about: str, now: int) -> None:
    lists, first = tuple(texts(call, "list")), required_day(call, "from")
    reason = required_short_text(call, "reason")
    faults = list(faults_of_setting(lists, first, today(call), sets_groups=bool(definition.groups)))
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(said, name) for name, said in faults])
    await hold(connection, [f"measure-groups/{definition.id}/{about}"])
    last = len(await settings_of(connection, definition.id, about))
    setting = Groups(about, last + 1, first.toordinal(), lists, reason, call.request.caller.organisation)
    await keep_setting(connection, definition.id, setting, now)
    # Figures that were counted for other lists are counted anew.
    await note_changes(connection, [(kind, 0) for kind in kinds_of(definition)])


async def _shown(connection: Connection, definition: Definition, about: str) -> list[dict[str, Any]]:
    shown = [text("version", definition.version), *(coded("list", each) for each in definition.groups)]
    return [*shown, *(_setting(each) for each in await settings_of(connection, definition.id, about))]


def _setting(setting: Groups) -> dict[str, Any]:
    return parts("setting", [
        number("number", setting.number), {"name": "from", "valueDate": written(setting.first)},
        *(coded("list", each) for each in setting.lists), text("reason", setting.reason), text("by", setting.set_by),
    ])  # fmt: skip
