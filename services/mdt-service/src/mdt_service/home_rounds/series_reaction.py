"""What follows when the Schedule of a home's rounds is written: rules that need tables, its row, its timed events."""

from __future__ import annotations

from mdt_service.domain.home_rounds.agreed_parts import part_faults, parts_agreed
from mdt_service.domain.home_rounds.codes import CARE_HOME
from mdt_service.domain.home_rounds.round_resource import home_named, is_of_rounds, named_team
from mdt_service.home_rounds.aligned_network import may_hold_rounds
from mdt_service.home_rounds.homes import code_of_home
from mdt_service.home_rounds.round_timers import plan_series, take_back
from mdt_service.home_rounds.series_rows import SeriesRow, forget_series, keep_series, series_row
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.memberships import kind_of_code
from tandem.identity.periods import bounds
from tandem.identity.references import resolve
from tandem.identity.sharing_by_name import share_by_name
from tandem.london_days import day_at
from tandem.service import Change, Work


async def keep_series_of_rounds(change: Change, work: Work) -> None:
    """Keep the series in step with its Schedule. A Schedule claims to be one by its kind and the care home it names.

    Raises FhirError 422, and nothing is written then.
    """
    former = await series_row(work.connection, change.id)
    schedule = change.after if is_of_rounds(change.after) else None
    home = home_named(schedule) if schedule is not None else None
    if schedule is None or home is None:
        if former is not None:
            await forget_series(work.connection, change.id)
            await share_by_name(work.connection, "Schedule", change.id, ())
            await take_back(work, change.id)
        return
    await _refuse_faults(work, schedule, home)
    owner = former.owner if former is not None else await _author(change, work)
    if former is None:
        await _refuse_strangers(work, owner, home)
    row = _row(change, schedule, home, owner)
    await keep_series(work.connection, row)
    await _share(work, row)
    await plan_series(work, row)


async def _refuse_faults(work: Work, schedule: Resource, home: str) -> None:
    issues: list[Issue] = list(part_faults(schedule))
    if not (schedule.get("planningHorizon") or {}).get("start"):
        issues.append(Issue("A series of home rounds says from which day on it runs", "Schedule.planningHorizon.start"))
    code = await code_of_home(work.connection, home)
    if code is not None and (kind := await kind_of_code(work.connection, code)) != "care-home":
        text = f"Home rounds are held in a care home (000 §3.16 r6), and this organisation is a {kind}"
        issues.append(Issue(text, f"Schedule.extension.where(url='{CARE_HOME}')"))
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)


async def _refuse_strangers(work: Work, owner: str, home: str) -> None:
    """A series is opened by whoever the home's rounds are the business of; one that was opened goes on."""
    if not await may_hold_rounds(work.connection, owner, home, to_micros(work.now), day_at(to_micros(work.now))):
        raise FhirError(
            Kind.BUSINESS_RULE, "The rounds of a care home are those of the network it is aligned to, of its practices"
            " and partners, and of the practice of a resident (000 §3.16 r1 to r3)",
            expression=f"Schedule.extension.where(url='{CARE_HOME}')",
        )  # fmt: skip


async def _author(change: Change, work: Work) -> str:
    # What an operation writes has the service as its caller, and the organisation that called it as its author.
    sql = "SELECT author FROM resource WHERE type = $1 AND id = $2"
    return str(await work.connection.fetchval(sql, change.type, change.id))


def _row(change: Change, schedule: Resource, home: str, owner: str) -> SeriesRow:
    horizon = schedule["planningHorizon"]
    first = day_at(bounds(str(horizon["start"]))[0])
    last = day_at(bounds(str(horizon["end"]))[1] - 1) if horizon.get("end") else None
    return SeriesRow(
        change.id, home, owner, schedule.get("active") is not False, first, last, tuple(named_team(schedule)),
        tuple(parts_agreed(schedule)),
    )  # fmt: skip


async def _share(work: Work, series: SeriesRow) -> None:
    named = await resolve(work.connection, [series.home, *(each.organisation for each in series.parts)])
    await share_by_name(work.connection, "Schedule", series.schedule, [code for code in named.values() if code])
