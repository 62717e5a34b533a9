"""`GET Task/$duties`: the register of an organisation, a network or a commissioner's area, as of any day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mdt_service.domain.duties.standing import STATES, standing
from mdt_service.duties.area import area_of, networks_about
from mdt_service.duties.duty_rights import may_see
from mdt_service.duties.duty_rows import DutyRow, chases, owed_by
from mdt_service.duties.shipped_catalogue import catalogue
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_number_or_today, one_of, only, page, short_text
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, on_day, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.identity.memberships import kind_of_code, members_of
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PARAMETERS = ("organisation", "date", "state", "service", "requirement", "_count", "_offset")
_ANY = "any"


async def duties(call: OperationCall) -> FhirResponse:
    """`organisation` (else the caller's own), `date` (else today), `state`, `service`, `requirement`.

    Counts by service and kind of owner, and the duties. Of a network also what its practices, providers, commissioners
    and national bodies owe to it; of a commissioner all of that for its networks; who belongs to it is as of now. Read
    by the organisation, its network, its commissioner and operators. Raises FhirError 400, 404 for everybody else, 422.
    """
    only(call, _PARAMETERS)
    day, now = day_number_or_today(call), to_micros(call.kernel.clock.now())
    count, offset = page(call, 200)
    async with call.kernel.database.read() as connection:
        asked, caller = call.one("organisation") or call.request.caller.organisation, call.request.caller
        organisation = await resolved(connection, asked, "organisation")
        if not caller.sees_all and not await may_see(connection, caller.organisation, organisation, now):
            raise FhirError(Kind.NOT_FOUND, "There is nothing here for this organisation")
        register = await _register(connection, organisation, now)
        if not caller.sees_all and caller.organisation != organisation:
            register = await _owed_in_area(connection, register, caller.organisation, now)
        rows = [(row, standing(row.days, day)) for row in register]
        rows = _asked(call, rows)
        shown = rows[offset : offset + count]
        chased = await chases(connection, {row.task for row, _ in shown})
    await audit_reads(call.kernel.database, call.request, "$duties", "Task", {None}, now)
    return answer([
        text("organisation", organisation), on_day("date", date_of(day)),
        text("catalogue", catalogue().version), number("total", len(rows)), *_counts(rows),
        *(_duty(row, state, day, chased.get(row.task, ())) for row, state in shown),
    ])  # fmt: skip


async def _register(connection: Connection, organisation: str, now: int) -> list[DutyRow]:
    kind = await kind_of_code(connection, organisation)
    networks = [organisation] if kind == NETWORK else []
    if kind == COMMISSIONER:
        networks = await members_of(connection, organisation, NETWORK, now)
    owners = {organisation}
    for network in networks:
        owners |= (await area_of(connection, network, now)).everybody
    rows = await owed_by(connection, owners)
    return [row for row in rows if row.owner == organisation or row.network is None or row.network in networks]


async def _owed_in_area(connection: Connection, rows: Sequence[DutyRow], caller: str, now: int) -> list[DutyRow]:
    # What a provider owes to another network is not for this one.
    networks = await networks_about(connection, caller, now)
    return [row for row in rows if row.network is None or row.network in networks]


def _asked(call: OperationCall, rows: Sequence[tuple[DutyRow, str]]) -> list[tuple[DutyRow, str]]:
    wanted = one_of(call, "state", (_ANY, *STATES), _ANY)
    service, requirement = short_text(call, "service"), short_text(call, "requirement")
    return [
        (row, state) for row, state in rows
        if wanted in (_ANY, state) and service in (None, row.service) and requirement in (None, row.requirement)
    ]  # fmt: skip


def _counts(rows: Sequence[tuple[DutyRow, str]]) -> list[Parameter]:
    counted: dict[tuple[str, str], Counter[str]] = {}
    for row, state in rows:
        counted.setdefault((row.service or "other", row.owner_kind), Counter())[state] += 1
    return [
        parts("count", [
            text("service", service), text("owner-kind", kind),
            *(number(state, states[state]) for state in STATES if states[state]),
        ])
        for (service, kind), states in sorted(counted.items())
    ]  # fmt: skip


def _duty(row: DutyRow, state: str, day: int, chased: Sequence[Row]) -> Parameter:
    duty = catalogue().duties.get(row.requirement or "")
    told: list[dict[str, Any]] = [
        reference("task", f"Task/{row.task}"), text("owner", row.owner),
        text("owner-kind", row.owner_kind), text("text", row.text), text("state", state),
        on_day("first-day", date_of(row.days.first)),
        on_day("due", date_of(row.days.due)),
    ]  # fmt: skip
    told += [
        text(name, value)
        for name, value in (("network", row.network), ("service", row.service), ("requirement", row.requirement))
        if value is not None
    ]
    if duty is not None:
        told += [
            text("source", duty.source), {"name": "canonical", "valueCanonical": duty.canonical},
            text("shown-by", duty.shown_by),
        ]  # fmt: skip
    if row.days.met is not None and row.days.met <= day:
        told.append(on_day("met", date_of(row.days.met)))
    told += [
        parts("chased", [text("by", each["owner"]), on_day("since", date_of(each["day"]))])
        for each in chased if each["day"] <= day
    ]  # fmt: skip
    return parts("duty", told)
