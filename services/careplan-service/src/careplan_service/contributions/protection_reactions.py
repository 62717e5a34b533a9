"""What holds every write of a plan, a goal or a response to the contributions of others."""

from __future__ import annotations

from datetime import datetime

from careplan_service.contributions.contribution_rows import (
    contributions_to_plan,
    contributor_of,
    creator_of,
    plans_with_goal,
    plans_with_response,
)
from careplan_service.domain.contributions.plan_elements import PlanVersion
from careplan_service.domain.contributions.protection import Writer, goal_faults, plan_faults, response_faults
from careplan_service.domain.shared_plan import is_shared_plan
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.answers_given import questionnaire_named
from tandem.fhir.body import Resource, decode
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.claims import OWN_SYSTEM
from tandem.identity.organisations import reference_code
from tandem.identity.references import PREFIX
from tandem.service import Change, Work


async def protect_plan(change: Change, work: Work, before: PlanVersion | None, after: PlanVersion | None) -> None:
    """Refuse a write that takes away or rewrites what another organisation contributed. Raises FhirError 422."""
    if before is None or change.caller.sees_all or not is_shared_plan(before.plan):
        return
    rows = await contributions_to_plan(work.connection, change.id)
    # What the service put there itself is nobody's.
    contributors = {key: each.contributor for key, each in rows.items() if not each.organisation.startswith(OWN_SYSTEM)}
    if any(each != contributor_of(change.caller) for each in contributors.values()):
        writer = await _writer(change, work, before.plan)
        _refuse(list(plan_faults(before, after, contributors, writer)))


async def protect_goal(change: Change, work: Work) -> None:
    """The same for a Goal that a shared plan holds. Raises FhirError 422."""
    contributor = await _other_creator(change, work)
    if change.before is None or contributor is None:
        return
    if plans := await plans_with_goal(work.connection, change.id):
        writer = await _writer(change, work, await _plan(work.connection, plans[0]))
        _refuse(list(goal_faults(change.before, change.after, contributor, writer)))


async def protect_response(change: Change, work: Work) -> None:
    """The same for a response that belongs to a shared plan. Raises FhirError 422."""
    contributor = await _other_creator(change, work)
    if change.before is None or contributor is None or questionnaire_named(change.before.get("questionnaire")) is None:
        return
    # The links of the version before: the reaction that keeps them has taken those of this one already.
    plans = target_ids(change.before.get("basedOn"), "CarePlan")
    plans += await plans_with_response(work.connection, change.id, str(change.patient))
    for plan in plans:
        held = await _plan(work.connection, plan)
        if is_shared_plan(held):
            writer = await _writer(change, work, held)
            _refuse(list(response_faults(change.before, change.after, contributor, writer)))
            return


async def own_organisations(connection: Connection, plan: Resource, patient: str | None, now: datetime) -> set[str]:
    """The codes of the plan's own organisations: the person's practice, its networks now, and the plan's author."""
    practice = await connection.fetchval("SELECT practice FROM patient WHERE id = $1", patient)
    rows = await connection.fetch(
        "SELECT s.holder FROM membership s JOIN organisation o ON o.code = s.holder AND o.kind = 'network'"
        " WHERE s.member = $1 AND s.starts <= $2 AND s.ends > $2", practice, to_micros(now),
    )  # fmt: skip
    author = reference_code(plan.get("author"))
    if author is not None and author.startswith(PREFIX):
        sql = "SELECT code FROM organisation WHERE id = $1"
        author = await connection.fetchval(sql, author.removeprefix(PREFIX))
    return {each for each in (practice, author, *(row["holder"] for row in rows)) if each is not None}


async def _other_creator(change: Change, work: Work) -> str | None:
    """The organisation that wrote the resource first, when it is another than the caller's and an organisation."""
    if change.before is None or change.patient is None or change.caller.sees_all:
        return None
    creator = await creator_of(work.connection, change.type, change.id)
    if creator is None or creator == change.caller.organisation or creator.startswith(OWN_SYSTEM):
        return None
    return creator


async def _writer(change: Change, work: Work, plan: Resource | None) -> Writer:
    code = change.caller.organisation
    rows = await work.connection.fetch("SELECT id FROM organisation WHERE code = $1", code)
    own = await own_organisations(work.connection, plan or {}, change.patient, change.now)
    names = frozenset({code, *(PREFIX + row["id"] for row in rows)})
    return Writer(contributor_of(change.caller), names, code in own)


async def _plan(connection: Connection, plan: str) -> Resource | None:
    sql = "SELECT l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = 'CarePlan' AND r.id = $1"
    body = await connection.fetchval(sql, plan)
    held: Resource | None = decode(body) if body is not None else None
    return held


def _refuse(faults: list[Issue]) -> None:
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)
