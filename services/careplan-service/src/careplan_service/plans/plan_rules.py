"""What holds a write of a shared plan, or of a goal towards one, to the rules of the shared process."""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.domain.plans.life_dates import goal_dates, life_faults, plan_dates
from careplan_service.domain.plans.open_actions import CLOSED, closing_faults
from careplan_service.domain.plans.plan_transitions import TRANSITIONS
from careplan_service.domain.plans.review import IN_FORCE
from careplan_service.domain.shared_plan import OPEN, is_shared_plan
from careplan_service.plans.activity_rows import open_work
from careplan_service.plans.life_rows import life
from careplan_service.plans.standing import Standing, person_faults, standing_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.service import Change, Work


def plan_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses a status that may not follow, of a plan that was a shared plan and stays one."""
    if is_shared_plan(change.before) and is_shared_plan(change.after):
        yield from TRANSITIONS.moves_by_the_table(change)


def agreed_plan_stays_shared(change: Change) -> Iterator[Issue]:
    """Refuses to take the category off a plan in force: what it is held to would end with it."""
    in_force = is_shared_plan(change.before) and (change.before or {}).get("status") in IN_FORCE
    if in_force and change.after is not None and not is_shared_plan(change.after):
        text = "A plan that was agreed stays a shared plan: end it by its status (000 §3.16 r7, decision 0010)"
        yield Issue(text, "CarePlan.category")


async def check_agreement(change: Change, work: Work) -> Standing:
    """Where the plan stands that is being made active. Raises FhirError 422 with everything that it is not agreed
    without."""
    assert change.after is not None
    assert change.patient is not None
    standing = await standing_of(work.connection, {**change.after, "id": change.id}, change.patient, change.now)
    faults = [*standing.refusals, *await person_faults(work.connection, change.id, change.patient)]
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)
    return standing


async def check_closing(change: Change, work: Work) -> None:
    """Refuses to close a plan, or to delete one in force, while actions of it are open: 422 that names them.

    An operator may delete any.
    """
    if change.before is None:
        return
    before = str(change.before.get("status"))
    if change.after is None:
        closes = before in IN_FORCE and not change.caller.operator
    else:
        closes = change.after.get("status") in CLOSED and before not in CLOSED
    if not closes:
        return
    waiting = await open_work(work.connection, change.id, str(change.patient))
    if faults := list(closing_faults(change.after or change.before, waiting)):
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)


async def check_plan_dates(change: Change, work: Work) -> None:
    """Refuses a new date of the plan that lies outside the person's life. Raises FhirError 422."""
    assert change.after is not None
    known = {value for _, value in plan_dates(change.before or {})}
    await _check_dates(change, work, ((path, value) for path, value in plan_dates(change.after) if value not in known))


async def check_goal_dates(change: Change, work: Work) -> None:
    """The same for a goal of somebody who has a shared plan that is worked with; any other goal is a record."""
    assert change.after is not None
    known = {value for _, value in goal_dates(change.before or {})}
    dates = [(path, value) for path, value in goal_dates(change.after) if value not in known]
    if not dates or change.patient is None:
        return
    statuses = ", ".join(f"'{status}'" for status in OPEN)
    sql = f"SELECT 1 FROM shared_plan WHERE patient = $1 AND status IN ({statuses}) LIMIT 1"
    if await work.connection.fetchval(sql, change.patient) is not None:
        await _check_dates(change, work, iter(dates))


async def _check_dates(change: Change, work: Work, dates: Iterator[tuple[str, str]]) -> None:
    given = list(dates)
    if not given or change.patient is None:
        return
    if faults := list(life_faults(await life(work.connection, change.patient), iter(given))):
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)
