"""`Group/{id}/$offers` and `Organization/{id}/$offers`: how far offers have come towards everybody on the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.invitations.progress import STATUSES
from cohort_service.domain.networks.days import ALWAYS
from cohort_service.invitations.listed_people import ListedPeople
from cohort_service.invitations.service_of_list import cohorts_of_service, service_of_cohort
from cohort_service.lists.group_access import cohort_group
from cohort_service.networks.organisations import organisation_with_id, practices_of
from cohort_service.networks.rights import must_read
from tandem.clock import to_micros
from tandem.database.connection import Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import one_of, optional_day, optional_text, page, today_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.london_days import date_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall



async def offers(call: OperationCall) -> FhirResponse:
    """Counts by status among the people of the list whom the caller may see, and a page of those of one `status`.

    Parameters `status` (not-offered unless given), `since` (a date: only offers from then on make the percentage),
    `_count` (at most 1000), `_offset`. Raises FhirError 400, 404.
    """
    since, status = optional_day(call, "since"), one_of(call, "status", STATUSES, STATUSES[0])
    count, offset = page(call)
    now = call.kernel.clock.now()
    async with call.kernel.database.read() as connection:
        group = await cohort_group(call, connection)
        service = await service_of_cohort(connection, group.cohort, now) or ""
        people = ListedPeople(call, connection, service, [group.cohort], [group.practice])
        counts = await people.counts(day_number(since) if since is not None else ALWAYS)
        rows = await people.with_status(status, count, offset)
    patients = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$offers", "Group", patients, to_micros(now))
    return answer([*_figures(counts), *(_person(row) for row in rows)])


async def offers_of_organisation(call: OperationCall) -> FhirResponse:
    """The same counts for all lists of a `service` (SMR unless given) of a network or practice, without any person.

    Read by the organisation, its network and its commissioner. Raises FhirError 400, 404, 422.
    """
    since, service = optional_day(call, "since"), optional_text(call, "service") or "SMR"
    async with call.kernel.database.read() as connection:
        about, today = await organisation_with_id(connection, call.id), today_number(call)
        await must_read(call, connection, about, today)
        if about.kind not in (NETWORK, PRACTICE):
            raise FhirError(Kind.UNPROCESSABLE, "Offers are made by the practices of a network")
        cohorts = await cohorts_of_service(connection, service, call.kernel.clock.now())
        if not cohorts:
            raise FhirError(
                Kind.UNPROCESSABLE, "service is one that lists are kept for, such as SMR", expression="service"
            )
        practices = [about.code] if about.kind == PRACTICE else await practices_of(connection, about.code, today)
        people = ListedPeople(call, connection, service, cohorts, practices, everybody=True)
        counts = await people.counts(day_number(since) if since is not None else ALWAYS)
    return answer(_figures(counts))


def _figures(counts: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    listed = sum(people for people, _ in counts.values())
    offered = sum(offered for _, offered in counts.values())
    shown: list[dict[str, Any]] = [
        {"name": "listed", "valueInteger": listed}, {"name": "offered", "valueInteger": offered},
        *({"name": status, "valueInteger": counts.get(status, (0, 0))[0]} for status in STATUSES),
    ]  # fmt: skip
    if listed:
        # rounded down: 100 is said when everybody was offered it
        shown.append({"name": "percent-offered", "valueDecimal": offered * 1000 // listed / 10})
    return shown


def _person(row: Row) -> dict[str, Any]:
    part: list[dict[str, Any]] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{row['patient']}"}},
        {"name": "status", "valueCode": row["status"]},
    ]
    if row["day"] is not None:
        part.append({"name": "date", "valueDate": date_of(row["day"]).isoformat()})
    if row["communication"] is not None:
        part.append({"name": "communication", "valueReference": {"reference": f"Communication/{row['communication']}"}})
    return {"name": "person", "part": part}
