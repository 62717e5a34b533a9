"""`Measure/$impact-fund`: how the Investment and Impact Fund works, and what a network earned (PCN-071, PCN-108)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_service.domain.network_funding.entitlements import average_share
from metrics_service.domain.network_funding.impact_fund import (
    Earned,
    ElementRule,
    Rules,
    earned,
    elements,
    faults_of_rules,
)
from metrics_service.network_funding.impact_fund_rows import achievements_of, keep_achievements, keep_rules, rules_of
from metrics_service.network_funding.parties import asked_year, must_commission, network_seen
from metrics_service.scheme.money_parameters import amount_given, money
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, required_short_text
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer, coded, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisations import NATIONAL_BODY
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION, _RULES = "$impact-fund", "$impact-fund-rules"
_LARGEST = Decimal(1_000_000)


async def impact_fund(call: OperationCall) -> FhirResponse:
    """GET answers the fund of a network in a financial year: each `element` with points, amount and the calculation,
    what was earned in all, and beside it what an average network could secure. POST by the commissioner records
    `achievement` rows (`element`, `value`).

    Raises FhirError 400, 403, 404, 422 for elements without a rule, and with every fault.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("network", "year", "achievement"))
    year, rows, now = asked_year(call), rows_asked(call, "achievement"), to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await network_seen(call, connection)
        must_commission(call, seen)
        rules = await rules_of(connection, year)
        ruled = {each.element for each in rules.elements} if rules is not None else set()
        values = {}
        for row in rows:
            element, value = row.text("element"), _decimal(row, "value")
            if element is not None and element not in ruled:
                row.fault("element", f"No rule of this element is published for {year}")
            if element is not None and value is not None:
                values[element] = value
        refuse_faults(rows)
        await hold(connection, [f"impact-fund/{seen.network}"])
        await keep_achievements(connection, seen.network, year, values, call.request.caller.organisation, now)
        shown = await _shown(connection, seen.network, year)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="Measure")])
    return answer(shown)


async def impact_fund_rules(call: OperationCall) -> FhirResponse:
    """GET answers the rules of a financial year. POST by the national body publishes them: `year`, `pointValue`,
    `source`, and `element` rows (`element`, `points`, `nothing`, `full`). Raises FhirError 400, 403, 404, 422.
    """
    if call.request.method == "GET":
        only(call, ("year",))
        async with call.kernel.database.read() as connection:
            rules = await rules_of(connection, asked_year(call))
        if rules is None:
            raise FhirError(Kind.NOT_FOUND, "No rules are published for this year")
        return answer(_rules(rules))
    only(call, ("year", "pointValue", "source", "element"))
    year, value, source = asked_year(call), amount_given(call, "pointValue"), required_short_text(call, "source")
    rows, now = rows_asked(call, "element"), to_micros(call.kernel.clock.now())
    given = [each for row in rows if (each := _rule(row)) is not None]
    async with call.kernel.database.transaction() as connection:
        caller = call.request.caller
        if not caller.sees_all and await kind_of_caller(connection, caller.organisation) != NATIONAL_BODY:
            text_ = "The rules of the fund are national: a national body publishes them (004 §31)"
            raise FhirError(Kind.FORBIDDEN, text_)
        refuse_faults(rows)
        if faults := faults_of_rules(given):
            raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(each, "element") for each in faults])
        await hold(connection, [f"impact-fund-rules/{year}"])
        before = await rules_of(connection, year)
        rules = Rules(year, 1 + (before.version if before is not None else 0), value, tuple(given), source)
        await keep_rules(connection, rules, caller.organisation, now)
        await record(connection, [audit_entry(call.request, _RULES, now, resource_type="Measure")])
    return answer(_rules(rules))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("network", "year"))
    async with call.kernel.database.read() as connection:
        seen = await network_seen(call, connection)
        shown = await _shown(connection, seen.network, asked_year(call))
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), now)
    return answer(shown)


async def _shown(connection: Connection, network: str, year: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [text("network", network), text("year", year)]
    average = average_share(year)
    if average is not None:
        shown.append(parts("average-network", [money("amount", average[0]), text("source", average[1])]))
    rules = await rules_of(connection, year)
    if rules is None:
        return [*shown, coded("state", "no-rules-published"), money("earned", Decimal("0.00"))]
    achieved = await achievements_of(connection, network, year)
    found = [one for name, value in achieved.items() if (one := earned(rules, name, value)) is not None]
    shown += [text("rules", rules.source), number("rulesVersion", rules.version)]
    shown += [parts("element", _earned(each)) for each in found]
    return [*shown, money("earned", sum((each.amount for each in found), Decimal("0.00")))]


def _earned(one: Earned) -> list[dict[str, Any]]:
    return [
        coded("element", one.element.name), text("title", one.element.title),
        {"name": "value", "valueDecimal": one.value}, {"name": "points", "valueDecimal": one.points},
        money("amount", one.amount), yes("atCap", one.capped), text("calculation", one.calculation),
        text("source", one.element.source),
    ]  # fmt: skip


def _rules(rules: Rules) -> list[dict[str, Any]]:
    capped = {each.name: each.capped for each in elements()}
    shown = [text("year", rules.year), number("version", rules.version), money("pointValue", rules.point_value),
             text("source", rules.source)]  # fmt: skip
    for each in rules.elements:
        values = (("points", each.points), ("nothing", each.nothing), ("full", each.full))
        row = [coded("element", each.element), yes("capped", capped[each.element])]
        shown.append(parts("element", [*row, *({"name": name, "valueDecimal": value} for name, value in values)]))
    return shown


def _rule(row: Part) -> ElementRule | None:
    element = row.text("element")
    points, nothing, full = (_decimal(row, name) for name in ("points", "nothing", "full"))
    if points is not None and points <= 0:
        row.fault("points", "points is more than nothing")
    if element is None or points is None or nothing is None or full is None:
        return None
    return ElementRule(element, points, nothing, full)


def _decimal(row: Part, name: str) -> Decimal | None:
    value = row.one(name, "a number")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or abs(Decimal(str(value))) > _LARGEST:
        row.fault(name, f"{name} is a number of at most {_LARGEST}")
        return None
    return Decimal(str(value))
