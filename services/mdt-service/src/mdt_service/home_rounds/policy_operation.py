"""`Schedule/$round-policy`: the versions of the policy of home rounds, and publishing the next.

EHCH-037, EHCH-084, EHCH-085, EHCH-090.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from mdt_service.domain.home_rounds.policy import LISTS, NUMBERS, RoundPolicy, Step, changed
from mdt_service.duties.area import stands_above
from mdt_service.home_rounds.policy_rows import VersionHeld, policies, policy_on, publish
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import (
    day_or_today,
    only,
    optional_day,
    required_text,
    texts,
    today,
    whole_number,
)
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.memberships import kind_of_code
from tandem.identity.organisations import COMMISSIONER

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.operation import OperationCall

_NAMES = {name: name.replace("_", "-") for name in (*LISTS, *NUMBERS)}
_POSTED = ("version", "from", "source", "area", "step", *_NAMES.values())


async def round_policy(call: OperationCall) -> FhirResponse:
    """GET: the version in force on `date` (else today) as `in-force`, and every `policy` of the caller's area.

    POST publishes a `version` in force `from` a day (else today), with its `source`. What is not given stays as in the
    version that is in force on that day; a list that is given replaces the one that stood. `step` is a Coding. An
    operator publishes for everywhere, or for the commissioner named as `area`; a commissioner for its own area.
    Raises FhirError 400, 403, 409 for a version or day that is held, 422.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("date",))
    day, now = day_or_today(call, "date"), to_micros(call.kernel.clock.now())
    caller = call.request.caller
    async with call.kernel.database.read() as connection:
        areas = {caller.organisation} | await stands_above(connection, caller.organisation, now)
        known = [each for each in await policies(connection) if not each.area or each.area in areas or caller.sees_all]
        current = await policy_on(connection, areas, day)
    await audit_reads(call.kernel.database, call.request, "$round-policy", "Schedule", {None}, now)
    return answer([
        on_day("date", day), parts("in-force", _told(current)),
        *(parts("policy", _told(each)) for each in known),
    ])  # fmt: skip


async def _publish(call: OperationCall) -> FhirResponse:
    only(call, _POSTED)
    now, begins = call.kernel.clock.now(), optional_day(call, "from") or today(call)
    version, source = required_text(call, "version"), required_text(call, "source")
    if len(version) > 64 or not version.isprintable() or len(source) > 2000:
        wanted = "version is a text of at most 64 characters, source one of at most 2000"
        raise FhirError(Kind.BAD_REQUEST, wanted, expression="version")
    if begins < today(call):
        text_ = "A policy is in force from today or a later day on: rounds are judged by the policy of their day"
        raise FhirError(Kind.BUSINESS_RULE, text_, expression="from")
    async with call.kernel.database.transaction() as connection:
        area = await _area(call, connection)
        base = await policy_on(connection, {area}, begins)
        policy = _changed(call, base, version, source, area, begins)
        try:
            await publish(connection, policy)
        except VersionHeld:
            text_ = "A policy of this version, or from this day on, is published for the area; a version never changes"
            raise FhirError(Kind.CONFLICT, text_) from None
        await record(connection, [audit_entry(call.request, "$round-policy", to_micros(now), resource_type="Schedule")])
    return answer([parts("policy", _told(policy))])


async def _area(call: OperationCall, connection: Connection) -> str:
    caller, named = call.request.caller, code_parameter(call, "area")
    if caller.sees_all:
        if named is not None and await kind_of_code(connection, named) != COMMISSIONER:
            raise FhirError(Kind.UNPROCESSABLE, "area is a commissioner", expression="area")
        return named or ""
    own = caller.organisation
    if await kind_of_code(connection, own) != COMMISSIONER or named not in (None, own):
        raise FhirError(Kind.FORBIDDEN, "The policy of home rounds is published by a commissioner, for its own area")
    return own


def _changed(
    call: OperationCall, base: RoundPolicy, version: str, source: str, area: str, begins: date
) -> RoundPolicy:  # fmt: skip
    lists = {}
    for name, allowed in LISTS.items():
        given = texts(call, _NAMES[name])
        if wrong := [each for each in given if each not in allowed]:
            wanted = f"{_NAMES[name]}: one of {', '.join(sorted(allowed))} each ({len(wrong)} are not)"
            raise FhirError(Kind.BAD_REQUEST, wanted, expression=_NAMES[name])
        if given:
            lists[name] = tuple(dict.fromkeys(given))
    figures: dict[str, Any] = {}
    for name, (least, most) in NUMBERS.items():
        figures[name] = whole_number(call, _NAMES[name], getattr(base, name))
        if not least <= figures[name] <= most:
            wanted = f"{_NAMES[name]} is a whole number from {least} to {most}"
            raise FhirError(Kind.BAD_REQUEST, wanted, expression=_NAMES[name])
    steps = _steps(call)
    if steps:
        figures["steps"] = steps
    return changed(base, lists, version=version, source=source, area=area, first=begins, **figures)


def _steps(call: OperationCall) -> tuple[Step, ...]:
    found = []
    for each in call.parameters.get("step", []):
        code, display = (each.get("code"), each.get("display")) if isinstance(each, dict) else (None, None)
        if not isinstance(code, str) or not isinstance(display, str) or not code or not display:
            raise FhirError(Kind.BAD_REQUEST, "step is a Coding with code and display", expression="step")
        found.append(Step(code[:64], display[:1000]))
    return tuple(found)


def _told(policy: RoundPolicy) -> list[Parameter]:
    told = [
        text("version", policy.version), on_day("from", policy.first),
        text("source", policy.source), on_day("weekly-from", policy.weekly_from),
    ]  # fmt: skip
    if policy.area:
        told.append(text("area", policy.area))
    for name in LISTS:
        told += [coded(_NAMES[name], each) for each in getattr(policy, name)]
    told += [number(_NAMES[name], getattr(policy, name)) for name in NUMBERS]
    told.append({"name": "consistency-share", "valueDecimal": policy.consistency_share})
    return told + [{"name": "step", "valueCoding": {"code": each.code, "display": each.text}} for each in policy.steps]
