"""When a month of admissions is not reviewed: the timed event of each month, and what is asked of the practices.

Practices are those that manage cases (somebody of theirs has an arrangement): others have agreed to no review.
"""

from __future__ import annotations

from datetime import date

from mdt_service.case_management.review_rows import last_review, practices_with_undecided
from mdt_service.case_management.shipped_policies import hospital_policy_on
from mdt_service.domain.case_management.admission_review import month_scope
from mdt_service.domain.case_management.hospital_contact import UNPLANNED, HospitalContact
from mdt_service.domain.case_management.review_chase import answered, chase_id, chased_on, month_after, review_chase
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.identity.organisation_reference import reference_to
from tandem.london_days import date_of, day_at, day_number, london_date
from tandem.service import Work

MONTH_ENDED = "mdt.admission-review.month"
"""The timed event of a month, keyed by its first day."""


async def plan_chase(work: Work, contact: HospitalContact) -> None:
    """Set the time at which the month of an unplanned contact is looked at; what is old when heard of sets none."""
    policy = hospital_policy_on(london_date(work.now))
    if contact.kind not in UNPLANNED or not policy.is_news(contact.starts, to_micros(work.now)):
        return
    month = date_of(day_at(contact.starts)).replace(day=1)
    at = chased_on(month, policy.review_chase_days)
    await work.schedule(MONTH_ENDED, month.isoformat(), at, {"month": month.isoformat()})


async def chase_reviews(event: Event, work: Work) -> None:
    """Ask each practice with something undecided in the month, and no review of it, for one; each is asked once."""
    month = date.fromisoformat(str((event.data or {})["month"]))
    days = day_number(month), day_number(month_after(month))
    for practice in await practices_with_undecided(work.connection, *days, to_micros(work.now)):
        scope = month_scope(practice, month)
        if await last_review(work.connection, scope) is None and await work.read("Task", chase_id(scope)) is None:
            by = await reference_to(work.connection, practice)
            await work.put(review_chase(practice, by, month, work.now))


async def end_chase(work: Work, scope: str) -> None:
    """The review was made: nobody is asked for it any more."""
    chase = await work.read("Task", chase_id(scope))
    for version in answered(chase) if chase is not None else ():
        await work.put(version)
