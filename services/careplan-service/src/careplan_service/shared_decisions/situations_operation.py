"""`QuestionnaireResponse/$decision-situations`: when a shared decision is required, and publishing more (PC-027)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.domain.shared_decisions.situations import Code, Situation, situations_on
from careplan_service.shared_decisions.situation_rows import all_situations, publish
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import (
    day_or_today,
    flag,
    only,
    optional_end,
    required_day,
    required_name,
    required_short_text,
    short_text,
)
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.london_days import london_date
from tandem.nhs.staff_kinds import kind_names

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_GIVEN = ("id", "title", "code", "lead", "trained", "from", "until", "source")


async def decision_situations(call: OperationCall) -> FhirResponse:
    """GET answers a `situation` for every version, `inForce` by `date`, to any caller. POST publishes a version.

    POST takes `id`, `title`, `code` (Coding, repeated), `lead` (a kind of staff), `trained`, `from`, `until` (its last
    day) and `source`, by an operator: it holds for all networks. Raises FhirError 400, 403.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("date",))
    day = day_or_today(call, "date")
    async with call.kernel.database.read() as connection:
        found = await all_situations(connection)
    in_force = situations_on(found, day)
    return answer([on_day("date", day), *(_shown(each, each in in_force) for each in found)])


async def _publish(call: OperationCall) -> FhirResponse:
    if not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "Situations of shared decisions are published by operators")
    only(call, _GIVEN)
    given = _given(call)
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        await hold(connection, ["decision-situations"])
        kept = await publish(connection, given, call.request.caller.organisation, now)
        entry = audit_entry(call.request, "$decision-situations", now, resource_type="QuestionnaireResponse")
        await record(connection, [entry])
    return answer([_shown(kept, kept.holds_on(london_date(call.kernel.clock.now())))], 201)


def _given(call: OperationCall) -> Situation:
    name, title = required_name(call, "id"), required_short_text(call, "title")
    source = required_short_text(call, "source")
    lead, first, last = short_text(call, "lead"), required_day(call, "from"), optional_end(call, "until")
    if lead is not None and lead not in kind_names():
        known = ", ".join(kind_names())
        raise FhirError(Kind.BAD_REQUEST, f"lead is one of {known}", expression="lead")
    trained = flag(call, "trained")
    if trained and lead is None:
        raise FhirError(Kind.BAD_REQUEST, "Training is asked of a lead: give lead too", expression="trained")
    if last is not None and last < first:
        raise FhirError(Kind.BAD_REQUEST, "until lies before from", expression="until")
    codes = frozenset(_code(each) for each in call.parameters.get("code", []))
    if not codes:
        raise FhirError(Kind.BAD_REQUEST, "Give at least one code", expression="code")
    return Situation(name, 0, title, codes, lead, trained, first, last, source)


def _code(value: Any) -> Code:
    if isinstance(value, dict) and isinstance(value.get("system"), str) and isinstance(value.get("code"), str):
        return value["system"], value["code"]
    raise FhirError(Kind.BAD_REQUEST, "code is a Coding with system and code", expression="code")


def _shown(each: Situation, in_force: bool) -> Parameter:
    inner: list[Parameter] = [
        coded("id", each.id), number("version", each.version), text("title", each.title),
        *({"name": "code", "valueCoding": {"system": system, "code": code}} for system, code in sorted(each.codes)),
    ]  # fmt: skip
    if each.lead is not None:
        inner += [coded("lead", each.lead), yes("trained", each.trained)]
    inner.append(on_day("from", each.first))
    if each.last is not None:
        inner.append(on_day("until", each.last))
    return parts("situation", [*inner, text("source", each.source), yes("inForce", in_force)])
