"""What follows when a home round is written: the rules that need tables, its row, who reads it, what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdt_service.domain.home_rounds.codes import MODES, SERIES
from mdt_service.domain.home_rounds.round_resource import is_of_rounds, mode_of, series_named
from mdt_service.domain.home_rounds.round_transitions import HELD, PLANNED, TAKES_TIME
from mdt_service.domain.home_rounds.taking_part import counts, counts_as_gp_led, leader_faults, role_faults
from mdt_service.duties.area import networks_about
from mdt_service.home_rounds import round_events
from mdt_service.home_rounds.homes import code_of_home, names_of_home
from mdt_service.home_rounds.policy_rows import policy_on
from mdt_service.home_rounds.round_rows import RoundRow, forget_round, keep_round, leader_key, overlapping, round_row
from mdt_service.home_rounds.round_team import organisations_of, team_of
from mdt_service.home_rounds.round_timers import plan_gp_led
from mdt_service.home_rounds.series_rows import SeriesRow, areas_of, series_row
from tandem.canonical import DELIVERY_CHANNEL
from tandem.clock import from_micros, to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.derivation import hold
from tandem.identity.periods import bounds
from tandem.identity.sharing_by_name import share_by_name
from tandem.london_days import date_of, day_at
from tandem.service import Change, Work

_MICROS_OF_A_MINUTE = 60_000_000
_JUDGED = ("status", "start", "end", "participant", "serviceType", "extension")


async def keep_home_round(change: Change, work: Work) -> None:
    """Keep a round in step with its Appointment, which claims to be one by its kind and its series.

    Raises FhirError 403 and 422, and nothing is written then.
    """
    former = await round_row(work.connection, change.id)
    after = change.after if is_of_rounds(change.after) and series_named(change.after or {}) else None
    if after is None:
        if former is not None:
            await forget_round(work.connection, change.id)
            await share_by_name(work.connection, "Appointment", change.id, ())
            await _say_withdrawn(work, former, _revision(change))
            await _replan(work, former.schedule)
        return
    if change.before is not None and all(change.before.get(name) == after.get(name) for name in _JUDGED):
        return
    series = await _series(change, work, after)
    row = await _row(change, work, after, series)
    if row.status in TAKES_TIME:
        await _refuse_faults(work, row, series)
    await keep_round(work.connection, row)
    await _share(work, row, series)
    await _say(work, row, former, series, _revision(change))
    await plan_gp_led(work, series)
    if former is not None and former.schedule != row.schedule:
        await _replan(work, former.schedule)


async def _series(change: Change, work: Work, round_: Resource) -> SeriesRow:
    series = await series_row(work.connection, series_named(round_))
    here = f"Appointment.extension.where(url='{SERIES}')"
    if series is None:
        raise FhirError(Kind.BUSINESS_RULE, "The series of a home round is a Schedule of home rounds", expression=here)
    caller = change.caller
    entitled = {series.owner, *(each.organisation for each in series.parts)}
    if not caller.sees_all and caller.organisation not in entitled:
        text = "A round is added to a series by whoever keeps it, or by an organisation with an agreed part in it"
        raise FhirError(Kind.FORBIDDEN, text, expression=here)
    return series


async def _row(change: Change, work: Work, round_: Resource, series: SeriesRow) -> RoundRow:
    mode, start, end = mode_of(round_), round_.get("start"), round_.get("end")
    issues = []
    if mode not in MODES:
        text = f"A home round says how it is held: {', '.join(MODES)} (000 §3.16 r6: in person)"
        issues.append(Issue(text, f"Appointment.extension.where(url='{DELIVERY_CHANNEL}')"))
    starts, ends = (bounds(str(each))[0] if each else None for each in (start, end))
    if starts is None or ends is None or ends <= starts:
        issues.append(Issue("A home round has a start and a later end", "Appointment.end"))
    if issues or starts is None or ends is None:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    day = day_at(starts)
    team, unknown = await team_of(work.connection, round_, date_of(day))
    if unknown and round_["status"] in TAKES_TIME:
        raise FhirError(Kind.BUSINESS_RULE, issues=unknown)
    return RoundRow(
        change.id, series.schedule, series.home, starts, ends, day, str(round_["status"]), str(mode), team
    )  # fmt: skip


async def _refuse_faults(work: Work, row: RoundRow, series: SeriesRow) -> None:
    areas = await areas_of(work.connection, series, to_micros(work.now))
    policy = await policy_on(work.connection, areas, date_of(row.day))
    issues = [*leader_faults(row.team, policy), *role_faults(row.team, policy)]
    if row.status not in PLANNED and row.starts > to_micros(work.now):
        issues.append(Issue("A home round begins at its start or later, not before", "Appointment.status"))
    if row.status == HELD and row.leader is not None and not row.leader.present:
        text = "Whoever leads a round was there: the participant that leads has the status accepted (000 §3.16 r6 b1)"
        issues.append(Issue(text, "Appointment.participant.status"))
    homes = await names_of_home(work.connection, row.home)
    # Two rounds of one home, or of one leader, planned at the same moment: whoever is second sees the first.
    await hold(work.connection, [f"home-round/home/{homes[0]}", f"home-round/leader/{leader_key(row.leader)}"])
    keepers, leader_taken = await overlapping(work.connection, row, homes)
    if await _one_of_ours(work, series.owner, keepers):
        issues.append(Issue("Another round of this home is at the same time", "Appointment.start"))
    if leader_taken:
        issues.append(Issue("Whoever leads this round leads another one at the same time", "Appointment.participant"))
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)


async def _one_of_ours(work: Work, owner: str, keepers: Sequence[str]) -> bool:
    """Whether one of these is the keeper itself, or of a network of its: another network sees its own people."""
    at = to_micros(work.now)
    ours = {owner, *await networks_about(work.connection, owner, at)}
    for each in keepers:
        if each in ours or ours & set(await networks_about(work.connection, each, at)):
            return True
    return False


async def _share(work: Work, row: RoundRow, series: SeriesRow) -> None:
    home = await code_of_home(work.connection, row.home)
    agreed = {each.organisation for each in series.parts if each.holds_on(row.day)}
    codes = organisations_of(row.team) | agreed | ({home} if home is not None else set())
    await share_by_name(work.connection, "Appointment", row.appointment, codes)


def _revision(change: Change) -> int:
    """The version of the Appointment that this change writes; a deletion is the one after the last."""
    if change.after is not None:
        return int(change.after["meta"]["versionId"])
    return int((change.before or {})["meta"]["versionId"]) + 1


async def _say_withdrawn(work: Work, former: RoundRow, revision: int) -> None:
    if former.status == HELD:
        told = {"appointment": former.appointment, "revision": revision}
        await work.emit(round_events.WITHDRAWN, told, key=f"{former.appointment}/{revision}")


async def _say(
    work: Work, row: RoundRow, former: RoundRow | None, series: SeriesRow, revision: int
) -> None:  # fmt: skip
    start = from_micros(row.starts).isoformat()
    told: dict[str, Any] = {"appointment": row.appointment, "start": start, "mode": row.mode}
    if row.status == HELD:
        areas = await areas_of(work.connection, series, to_micros(work.now))
        policy = await policy_on(work.connection, areas, date_of(row.day))
        counted = counts(row.mode, policy)
        gp_led = counted and counts_as_gp_led(row.leader, policy, series.parts, row.day)
        told |= {"counts": counted, "gp_led": gp_led, "policy": policy.version, "revision": revision}
        told |= {"minutes": (row.ends - row.starts) // _MICROS_OF_A_MINUTE, "staff": len(row.present)}
        await work.emit(round_events.HELD, round_events.said(series, **told), key=f"{row.appointment}/{revision}")
    elif former is not None and former.status == HELD:
        await _say_withdrawn(work, former, revision)
    elif row.status in PLANNED and (former is None or former.starts != row.starts):
        key = f"{row.appointment}/{row.starts}"
        await work.emit(round_events.PLANNED, round_events.said(series, **told), key=key)


async def _replan(work: Work, schedule: str) -> None:
    series = await series_row(work.connection, schedule)
    if series is not None:
        await plan_gp_led(work, series)
