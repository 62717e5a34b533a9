"""`ServiceRequest/$suspected-cancer-criteria`: the versions of the criteria, and publishing the next (ECD-011)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.suspected_cancer.criteria import Criteria, Criterion, in_force
from referral_service.domain.suspected_cancer.criteria_file import criteria_of
from referral_service.suspected_cancer.criteria_rows import all_criteria, publish
from referral_service.suspected_cancer.publishing import areas_read, commissioner_publishing
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.body import parse
from tandem.fhir.operation_parameters import day_or_today, only, optional_text, today, whole_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAME = "$suspected-cancer-criteria"


async def suspected_cancer_criteria(call: OperationCall) -> FhirResponse:
    """GET: every `version` of the caller's area, with symptoms, sites and criteria of the one in force on `date`.

    `version` names another one to be shown. POST publishes `content`, JSON as text shaped as one version of
    `ng12_criteria.yaml` (`version`, `from`, `source`, `based-on`, `without`, `sites`, `symptoms`, `criteria`), for
    everywhere or an `area`. Raises FhirError 400, 403, 409 for a version that is held, 422.
    """
    return await (_publish(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("date", "version"))
    day, named = day_or_today(call, "date"), optional_text(call, "version")
    async with call.kernel.database.read() as connection:
        areas = await areas_read(call, connection)
        everything = await all_criteria(connection)
    seen = {
        name: each for name, each in everything.items()
        if not each.area or each.area in areas or call.request.caller.sees_all
    }  # fmt: skip
    if named is not None and named not in seen:
        raise FhirError(Kind.UNPROCESSABLE, f"version is one of {', '.join(seen)}", expression="version")
    current = in_force(everything.values(), areas, day)
    await audit_reads(
        call.kernel.database, call.request, _NAME, "ServiceRequest", {None}, to_micros(call.kernel.clock.now())
    )  # fmt: skip
    shown = seen[named] if named is not None else current
    return answer([
        on_day("date", day), *(_told(each, each == current) for each in seen.values()),
        *(_whole(shown) if shown is not None else []),
    ])  # fmt: skip


async def _publish(call: OperationCall) -> FhirResponse:
    only(call, ("content", "area"))
    told, now = parse(whole_text(call, "content").encode()), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        area = await commissioner_publishing(call, connection)
        await hold(connection, ["suspected-cancer-criteria"])
        held = await all_criteria(connection)
        usable = {name: each for name, each in held.items() if each.area in ("", area)}
        try:
            criteria = criteria_of(told, area, usable)
        except ValueError as fault:
            raise FhirError(Kind.UNPROCESSABLE, f"The content is no version: {fault}", expression="content") from None
        if criteria.version in held:
            raise FhirError(Kind.CONFLICT, "A version of this name is published; a version never changes")
        if criteria.first < today(call):
            text_ = "Criteria begin today or later: a referral is judged by those of its day"
            raise FhirError(Kind.BUSINESS_RULE, text_, expression="content")
        await publish(connection, told, criteria, call.request.caller.organisation, now)
        entry = audit_entry(call.request, _NAME, to_micros(now), resource_type="ServiceRequest", status=201)
        await record(connection, [entry])
    return answer([_told(criteria, criteria.first == today(call))], 201)


def _told(criteria: Criteria, current: bool) -> Parameter:
    inner = [text("version", criteria.version), on_day("from", criteria.first), text("source", criteria.source)]
    if criteria.area:
        inner.append(text("area", criteria.area))
    unchecked = sum(not each.checked for each in criteria.criteria)
    return parts("version", [
        *inner, yes("inForce", current), number("criteria", len(criteria.criteria)), number("unchecked", unchecked),
    ])  # fmt: skip


def _whole(criteria: Criteria) -> list[Parameter]:
    return [
        *(parts("site", [coded("code", code), text("text", said)]) for code, said in criteria.sites.items()),
        *(parts("symptom", [coded("code", code), text("text", said)]) for code, said in criteria.symptoms.items()),
        *map(_criterion, criteria.criteria),
    ]


def _criterion(each: Criterion) -> Parameter:
    inner = [
        coded("id", each.id), coded("site", each.site), coded("urgency", each.urgency), coded("pathway", each.pathway),
        text("text", each.text), text("recommendation", each.recommendation), yes("checked", each.checked),
        *(coded("all", code) for code in sorted(each.all_of)), *(coded("any", code) for code in sorted(each.any_of)),
    ]  # fmt: skip
    if each.any_of:
        inner.append(number("atLeast", each.at_least))
    inner += [
        number(name, years) for name, years in (("ageFrom", each.age_from), ("ageTo", each.age_to)) if years is not None
    ]
    return parts("criterion", [*inner, coded("sex", each.sex)] if each.sex else inner)
