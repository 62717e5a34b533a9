"""`QuestionnaireResponse/$budget-promotions`: with whom a personal health budget is to be talked about, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from careplan_service.domain.personal_budgets.offers import BudgetYear, in_force
from careplan_service.domain.personal_budgets.promotions import Due, Outcome, Reason, still_due
from careplan_service.listed_people import seen_members
from careplan_service.personal_budgets.offer_rows import all_offers
from careplan_service.personal_budgets.recorded_budgets import BUDGET, budgets_in
from careplan_service.questionnaires.answers import answers_of_person
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, page
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person
from tandem.identity.agreement_terms import ANY_RECORD
from tandem.london_days import beginning_of, date_of, day_at, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def budget_promotions(call: OperationCall) -> FhirResponse:
    """Parameters `as-of`, `total` and a `person` for each: `patient`, `since`, and a `reason` for each why.

    A reason is `legal-right`, `local-offer` or `direct-offer`, with its `cohort` and `commissioner`. Parameters
    `as-of`, `practice` or `network`, `_count`, `_offset`. The longest due come first. Raises FhirError 400.
    """
    only(call, ("as-of", "_count", "_offset", *AREA_PARAMETERS))
    day, (count, offset) = day_or_today(call, "as-of"), page(call)
    async with call.kernel.database.read() as connection:
        due = await _legal_rights(call, connection, day)
        for offer in in_force(await all_offers(connection), day):
            await _offered(call, connection, offer, day, due)
        waiting: dict[str, list[Due]] = {}
        for patient, reasons in due.items():
            if left := still_due(reasons, await _outcomes(connection, patient), day):
                waiting[patient] = left
    ordered = sorted(waiting.items(), key=lambda each: (each[1][0].since, each[0]))
    shown = ordered[offset : offset + count]
    now, told = to_micros(call.kernel.clock.now()), {patient for patient, _ in shown}
    await audit_reads(call.kernel.database, call.request, "$budget-promotions", "QuestionnaireResponse", {*told}, now)
    return answer([
        on_day("as-of", day), number("total", len(ordered)),
        *(_person(patient, reasons) for patient, reasons in shown),
    ])  # fmt: skip


async def _legal_rights(call: OperationCall, connection: Connection, day: date) -> dict[str, list[Due]]:
    now, params = to_micros(call.kernel.clock.now()), [beginning_of(day_number(day) + 1), beginning_of(day_number(day))]
    conditions = ["m.starts < $1 AND m.ends > $2", *area_conditions(call, params, now)]
    conditions.append(
        visible_of_person(
            call.request.caller, "m", params, now, resource_type=ANY_RECORD,
            registered_only=call.kernel.registered_only(),
        )
    )  # fmt: skip
    rows = await connection.fetch(
        f"SELECT m.patient, MIN(m.starts) AS starts FROM budget_right m WHERE {' AND '.join(conditions)}"
        " GROUP BY m.patient", *params,
    )  # fmt: skip
    return {row["patient"]: [Due(Reason.LEGAL_RIGHT, date_of(day_at(row["starts"])))] for row in rows}


async def _offered(
    call: OperationCall, connection: Connection, offer: BudgetYear, day: date, due: dict[str, list[Due]]
) -> None:
    area = await _people_of(connection, offer.commissioner, call) if offer.commissioner is not None else None
    for reason, cohorts in ((Reason.LOCAL_OFFER, offer.promote), (Reason.DIRECT_OFFER, offer.direct)):
        for cohort in cohorts:
            for listed in await seen_members(call, connection, cohort, day):
                if area is None or listed.patient in area:
                    since = max(listed.since, offer.first)
                    due.setdefault(listed.patient, []).append(Due(reason, since, cohort, offer.commissioner))


async def _people_of(connection: Connection, commissioner: str, call: OperationCall) -> set[str]:
    """Who is registered with a practice of the commissioner, or of a network of it."""
    rows = await connection.fetch(
        "SELECT p.id FROM patient p WHERE p.practice IN (SELECT s.member FROM membership s WHERE s.holder = $1"
        " AND s.starts <= $2 AND s.ends > $2 UNION SELECT n.member FROM membership s"
        " JOIN membership n ON n.holder = s.member AND n.starts <= $2 AND n.ends > $2"
        " WHERE s.holder = $1 AND s.starts <= $2 AND s.ends > $2)",
        commissioner, to_micros(call.kernel.clock.now()),
    )  # fmt: skip
    return {row["id"] for row in rows}


async def _outcomes(connection: Connection, patient: str) -> list[Outcome]:
    answers = await answers_of_person(connection, patient, BUDGET, finished_only=True)
    return [each.outcome for each in budgets_in(answers)]


def _person(patient: str, reasons: Iterable[Due]) -> Parameter:
    held = list(reasons)
    return parts("person", [
        reference("patient", f"Patient/{patient}"),
        on_day("since", held[0].since),
        *(parts("reason", _reason(each)) for each in held),
    ])  # fmt: skip


def _reason(due: Due) -> list[dict[str, Any]]:
    inner: list[dict[str, Any]] = [
        coded("code", due.reason.value), on_day("since", due.since),
    ]  # fmt: skip
    if due.cohort is not None:
        inner.append(coded("cohort", due.cohort))
    if due.commissioner is not None:
        inner.append(text("commissioner", due.commissioner))
    return inner
