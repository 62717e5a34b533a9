"""Keeping flags, triages and preparations in step with their Tasks."""

from __future__ import annotations

from mdt_service.domain.home_rounds.codes import HOME_FLAG, OUTCOMES, ROUND_PREPARATION, TRIAGE
from mdt_service.domain.home_rounds.flags import (
    ENDED,
    focus_of,
    kind_of,
    outcome_of,
    reason_code,
    reason_text,
    triage_faults,
)
from mdt_service.duties.area import stands_above
from mdt_service.home_rounds.policy_rows import policy_on
from mdt_service.home_rounds.round_rows import round_row
from mdt_service.home_rounds.round_team import member_named
from mdt_service.home_rounds.series_rows import series_row
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.access import has_access
from tandem.identity.organisations import reference_code
from tandem.identity.references import resolve
from tandem.london_days import london_date
from tandem.nhs.staff_kinds import kind_names
from tandem.service import Change, Work

_TABLES = {HOME_FLAG: "home_flag", TRIAGE: "home_triage", ROUND_PREPARATION: "round_preparation"}


async def keep_flag(change: Change, work: Work) -> None:
    """Keep the row of a Task of home rounds. Raises FhirError 422 for a triage by somebody who may not triage."""
    kinds = {kind_of(each) for each in (change.before, change.after)} - {None}
    if not kinds:
        return
    if change.after is not None and kind_of(change.after) == TRIAGE:
        await _refuse_faulty_triage(change, work, change.after)
    # What a flag was raised with stays: who raised it, and when.
    held = await work.connection.fetchrow("SELECT * FROM home_flag WHERE task = $1", change.id)
    for kind in sorted(filter(None, kinds)):
        await work.connection.execute(f"DELETE FROM {_TABLES[kind]} WHERE task = $1", change.id)
    task, kind_now = change.after, kind_of(change.after)
    if task is None:
        return
    if kind_now == HOME_FLAG and change.patient is not None and task.get("status") not in (ENDED | {"draft"}):
        by, since, granted = change.caller.organisation, to_micros(work.now), await _granted(change, work)
        if held is not None and held["patient"] == change.patient:
            by, since, granted = held["by_code"], held["since"], bool(held["granted"])
        await work.connection.execute(
            "INSERT INTO home_flag (task, patient, since, code, text, by_code, granted)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            change.id, change.patient, since, reason_code(task), reason_text(task), by, int(granted),
        )  # fmt: skip
    elif kind_now == TRIAGE and task.get("status") == "completed":
        await _keep_triage(change, work, task)
    elif kind_now == ROUND_PREPARATION and task.get("status") == "completed":
        await _keep_preparation(change, work, task)


async def _keep_triage(change: Change, work: Work, task: Resource) -> None:
    flag, outcome, patient = focus_of(task, "Task"), outcome_of(task), change.patient
    if flag is None or outcome not in OUTCOMES or patient is None or not await _granted(change, work):
        return
    await work.connection.execute(
        "INSERT INTO home_triage (task, flag, priority, outcome, at) VALUES ($1, $2, $3, $4, $5)",
        change.id, flag, str(task.get("priority") or "routine"), outcome, to_micros(work.now),
    )  # fmt: skip


async def _keep_preparation(change: Change, work: Work, task: Resource) -> None:
    appointment, owner = focus_of(task, "Appointment"), reference_code(task.get("owner"))
    code = (await resolve(work.connection, [owner]))[owner] if owner is not None else change.caller.organisation
    # Nobody else can say of an organisation that it prepared a round, but who keeps the series.
    if appointment is None or not await _may_say(change, work, appointment, code):
        return
    await work.connection.execute(
        "INSERT INTO round_preparation (task, appointment, organisation) VALUES ($1, $2, $3)",
        change.id, appointment, code,
    )  # fmt: skip


async def _may_say(change: Change, work: Work, appointment: str, code: str | None) -> bool:
    if change.caller.sees_all or change.caller.organisation == code:
        return code is not None
    row = await round_row(work.connection, appointment)
    series = await series_row(work.connection, row.schedule) if row is not None else None
    return code is not None and series is not None and series.owner == change.caller.organisation


async def _refuse_faulty_triage(change: Change, work: Work, task: Resource) -> None:
    if task.get("status") != "completed" or (change.before or {}).get("status") == "completed":
        return
    flag = focus_of(task, "Task")
    if flag is None or kind_of(await work.read("Task", flag)) != HOME_FLAG:
        return  # a triage of something else: the rules of home rounds do not bind it
    issues, who = [*triage_faults(task)], str((task.get("owner") or {}).get("reference") or "")
    today = london_date(work.now)
    areas = await stands_above(work.connection, change.caller.organisation, to_micros(work.now))
    policy = await policy_on(work.connection, areas, today)
    member = await member_named(work.connection, who, today)
    if member is None or not member.kinds & set(policy.triage):
        allowed = ", ".join(kind_names()[each] for each in policy.triage)
        text = (
            "A flagged resident is triaged by a member of staff of a kind that may (000 §3.16 r6, community; policy"
            f" {policy.version}): {allowed}; owner names that person's role"
        )
        issues.append(Issue(text, "Task.owner"))
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)


async def _granted(change: Change, work: Work) -> bool:
    assert change.patient is not None, "asked of a person only"
    return await has_access(work.connection, change.caller, change.patient, to_micros(work.now))
