"""`Task/$register-reviews` and `Task/$gp-participation`: who was reviewed, when, and whether their own GP was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.case_management.register_review_rows import people_on_register, reviews_of
from mdt_service.domain.case_management.register_review import Review
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_number_or_today, one_of, only, page
from tandem.fhir.parameters_answer import Parameter, answer, number, numbered_day, parts, reference, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATES = ("all", "never-reviewed", "reviewed")


async def register_reviews(call: OperationCall) -> FhirResponse:
    """`state` (all, never-reviewed, reviewed), `as-of` (a day), `_count`, `_offset`: a `person` each on the register.

    `reviewed` is the day of the last complete review; a `review` each has `meeting`, `date`, `complete` and what it
    was `missing`. An incomplete one leaves somebody never reviewed. Raises FhirError 400.
    """
    only(call, ("state", "as-of", "_count", "_offset"))
    wanted, as_of = one_of(call, "state", _STATES, "all"), day_number_or_today(call, "as-of")
    count, offset = page(call)
    told: list[tuple[str, Parameter]] = []
    async with call.kernel.database.read() as connection:
        for patient in await people_on_register(call, connection, as_of):
            reviews = await reviews_of(connection, patient, as_of)
            reviewed = any(each.complete for each in reviews)
            if wanted == "all" or reviewed == (wanted == "reviewed"):
                told.append((patient, _person(patient, reviews)))
    shown = told[offset : offset + count]
    await _audit(call, "$register-reviews", {patient for patient, _ in shown})
    return answer([number("total", len(told)), *(each for _, each in shown)])


async def gp_participation(call: OperationCall) -> FhirResponse:
    """A `practice` each with how many `reviews` its people on the register had, `with-own-gp` and `without-own-gp`.

    Each review without the own GP stands below it as `incomplete`. Parameter `as-of` (a day). Raises FhirError 400.
    """
    only(call, ("as-of",))
    as_of = day_number_or_today(call, "as-of")
    by_practice: dict[str, list[Review]] = {}
    async with call.kernel.database.read() as connection:
        for patient in await people_on_register(call, connection, as_of):
            for each in await reviews_of(connection, patient, as_of):
                by_practice.setdefault(each.practice or "", []).append(each)
    people = {each.patient for reviews in by_practice.values() for each in reviews}
    await _audit(call, "$gp-participation", people)
    return answer(_practice(code, by_practice[code]) for code in sorted(by_practice))


async def _audit(call: OperationCall, name: str, people: set[str]) -> None:
    about: set[str | None] = {*people} or {None}
    await audit_reads(call.kernel.database, call.request, name, "Task", about, to_micros(call.kernel.clock.now()))


def _person(patient: str, reviews: list[Review]) -> Parameter:
    days = [each.day for each in reviews if each.complete]
    told = [reference("patient", f"Patient/{patient}"), yes("never-reviewed", not days)]
    told += [numbered_day("reviewed", max(days))] if days else []
    return parts("person", [*told, *(parts("review", _review(each)) for each in reviews)])


def _practice(code: str, reviews: list[Review]) -> Parameter:
    without = [each for each in reviews if not each.with_own_gp]
    told = [
        text("organisation", code), number("reviews", len(reviews)),
        number("with-own-gp", len(reviews) - len(without)), number("without-own-gp", len(without)),
    ]  # fmt: skip
    told += [
        parts("incomplete", [reference("patient", f"Patient/{each.patient}"), *_review(each)]) for each in without
    ]
    return parts("practice", told)


def _review(review: Review) -> list[Parameter]:
    told = [
        reference("meeting", f"Appointment/{review.meeting}"), reference("item", f"Task/{review.task}"),
        numbered_day("date", review.day), yes("complete", review.complete),
    ]  # fmt: skip
    return told + [text("missing", each) for each in review.missing]
