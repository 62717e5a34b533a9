"""`CarePlan/{id}/$budgets`: the personal health budgets of the plan's person, counted apart by kind (PC-062)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from careplan_service.personal_budgets.recorded_budgets import BUDGET, Budget, budgets_in
from careplan_service.questionnaires.answers import answers_of_person
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def budgets(call: OperationCall) -> FhirResponse:
    """A `budget` for each that was recorded, and a `count` for each kind. Raises FhirError 404.

    A budget has `response`, `kind`, `kindText`, `legalRight`, `outcome`, and as far as they were answered `amount`
    (pounds a year), `start`, `management` and `purpose`.
    """
    only(call, ())
    kernel = call.kernel
    async with kernel.database.read() as connection:
        _, patient = await asked_about_person(call, connection)
        found = budgets_in(await answers_of_person(connection, patient, BUDGET, finished_only=True))
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$budgets", "CarePlan", {patient}, now)
    counts = Counter(str(each.answers["kind"]) for each in found)
    return answer([*map(_shown, found), *(_count(kind, total) for kind, total in sorted(counts.items()))])


def _shown(budget: Budget) -> Parameter:
    held = budget.answers
    inner: list[Parameter] = [
        reference("response", f"QuestionnaireResponse/{budget.response.id}"),
        coded("kind", held["kind"]), text("kindText", budget.kind_in_words),
        yes("legalRight", bool(held.get("legal-right"))),
    ]  # fmt: skip
    if "outcome" in held:
        inner.append(coded("outcome", held["outcome"]))
    if "amount" in held:
        inner.append({"name": "amount", "valueDecimal": held["amount"]})
    if "start" in held:
        inner.append({"name": "start", "valueDate": held["start"]})
    if "management" in held:
        inner.append(coded("management", held["management"]))
    if "purpose" in held:
        inner.append(text("purpose", str(held["purpose"])))
    return parts("budget", inner)


def _count(kind: str, total: int) -> Parameter:
    return parts("count", [coded("kind", kind), number("budgets", total)])
