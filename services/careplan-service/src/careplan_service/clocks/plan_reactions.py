"""What is done for a plan, as far as clocks ask for it: agreeing, refreshing, reviewing, a provider's input."""

from __future__ import annotations

from careplan_service.clocks.fact_rows import Fact, keep
from careplan_service.clocks.keep_clocks import keep_clocks
from careplan_service.clocks.shipped_policies import followed_assessments
from careplan_service.domain.clocks.facts import COMMUNITY_INPUT, PLAN_REVIEWED
from careplan_service.domain.clocks.plan_touch import day_set, plan_touch, touched_at
from careplan_service.domain.shared_plan import is_shared_plan
from careplan_service.questionnaires.shipped_questionnaires import questionnaire_answered
from tandem.identity.organisations import NETWORK, PRACTICE, PROVIDER
from tandem.identity.reference_rights import kind_of_caller
from tandem.service import Change, Work


async def plan_was_touched(change: Change, work: Work) -> None:
    """Keep that a version of the shared plan agrees, refreshes, reviews or ends it, or is a provider's input."""
    if change.patient is None or not (is_shared_plan(change.after) or is_shared_plan(change.before)):
        return
    kind = await _writer_kind(change, work)
    touch = plan_touch(change.before, change.after, by_network=kind in (PRACTICE, NETWORK))
    if touch is not None:
        await keep(
            work.connection, Fact(
                _source(change), touch, change.patient, touched_at(change.before, change.after, change.now),
                plan=change.id, next=day_set(change.after) if touch == PLAN_REVIEWED else None,
                version=_version(change),
            ),
        )  # fmt: skip
    if kind == PROVIDER:
        await _keep_input(change, work)
    if touch is not None or kind == PROVIDER or _status(change.before) != _status(change.after):
        await keep_clocks(work, change.patient, _source(change))


async def count_community_input(change: Change, work: Work) -> None:
    """Whatever goal, response or risk assessment a community provider writes is its input (EHCH-046, EHCH-047)."""
    if change.patient is None or change.after is None:
        return
    if await _writer_kind(change, work) == PROVIDER:
        await _keep_input(change, work)
        await keep_clocks(work, change.patient, _source(change))


async def assessment_changed(change: Change, work: Work) -> None:
    """An assessment that is completed, corrected or withdrawn moves the clocks that ask for it (AC-052, AC-053)."""
    named = {asked.name for asked in map(questionnaire_answered, (change.before, change.after)) if asked is not None}
    if change.patient is not None and named & followed_assessments():
        await keep_clocks(work, change.patient, _source(change))


async def _keep_input(change: Change, work: Work) -> None:
    assert change.patient is not None
    await keep(work.connection, Fact(_source(change), COMMUNITY_INPUT, change.patient, change.now))


async def _writer_kind(change: Change, work: Work) -> str:
    """The kind of the organisation that writes, also through an operation; empty for operators and for ourselves."""
    caller = change.caller
    organisation = caller.organisation if caller.service is None else await _author(change, work)
    if caller.operator or organisation is None:
        return ""
    return await kind_of_caller(work.connection, organisation)


async def _author(change: Change, work: Work) -> str | None:
    """On whose behalf we write. Of a plan: nobody's, because progress is also shown on it when a Task is heard of."""
    if change.type == "CarePlan" or change.after is None:
        return None
    sql = "SELECT author FROM log WHERE type = $1 AND resource_id = $2 AND version = $3"
    author: str | None = await work.connection.fetchval(sql, change.type, change.id, _version(change))
    return None if author is None or author.startswith("urn:tandem:service") else author


def _version(change: Change) -> int:
    """The version that is written; a deletion makes one more than it deletes."""
    held = change.after or change.before or {}
    return int(held["meta"]["versionId"]) + (change.after is None)


def _source(change: Change) -> str:
    return f"{change.type}/{change.id}/_history/{_version(change)}"


def _status(plan: dict[str, object] | None) -> object:
    return (plan or {}).get("status")
