"""What happens to a series by the passing of time alone: a missed week, and a GP-led round that is due or overdue.

Each looks at the rounds as they are when it fires; nothing is said of what was put right before. EHCH-027, EHCH-029.
"""

from __future__ import annotations

from mdt_service.domain.home_rounds.policy import RoundPolicy
from mdt_service.domain.home_rounds.rhythm import WEEK, first_week, last_gp_led, missed_weeks, weeks_owed
from mdt_service.home_rounds.policy_rows import policy_on
from mdt_service.home_rounds.round_events import GP_DUE, GP_OVERDUE, MISSED, WEEK_ENDED, said
from mdt_service.home_rounds.round_rows import judged
from mdt_service.home_rounds.series_rows import SeriesRow, areas_of, series_row
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.london_days import date_of, day_number, day_of, london_date
from tandem.nhs.working_days import start_of_london_day
from tandem.service import Work


async def plan_series(work: Work, series: SeriesRow) -> None:
    """Look at the end of the first week that is owed and not over; of one that has ended nothing is looked at."""
    if not series.active:
        await take_back(work, series.schedule)
        return
    start = owed_from(series, await _policy(work, series))
    monday = max(first_week(start), first_week(day_of(work.now) - WEEK + 1))
    await _look_at(work, series.schedule, monday)
    await plan_gp_led(work, series)


async def plan_gp_led(work: Work, series: SeriesRow) -> None:
    """Tell before the GP-led round is overdue, and when it is: counted from the last one that was held."""
    if not series.active:
        return
    policy, today = await _policy(work, series), day_of(work.now)
    held = [each.as_held for each in await judged(work.connection, series, to_micros(work.now))]
    since = last_gp_led(held, owed_from(series, policy), today)
    by = since + policy.most_days
    for kind, day in ((GP_DUE, by - policy.warn_days), (GP_OVERDUE, by + 1)):
        if day > today and (series.last is None or day <= series.last):
            await work.schedule(
                kind, series.schedule, start_of_london_day(date_of(day)),
                {"schedule": series.schedule, "since": since, "day": day},
            )  # fmt: skip
        else:
            await work.unschedule(kind, series.schedule)


async def take_back(work: Work, schedule: str) -> None:
    """Nothing of a series is to be told any more."""
    for kind in (WEEK_ENDED, GP_DUE, GP_OVERDUE):
        await work.unschedule(kind, schedule)


async def week_ended(event: Event, work: Work) -> None:
    """A week is over: say so when there was no round that counts, and look at the next."""
    told = event.data or {}
    series = await series_row(work.connection, told["schedule"])
    if series is None or not series.active:
        return
    monday, policy = int(told["monday"]), await _policy(work, series)
    rounds = [each.as_held for each in await judged(work.connection, series, to_micros(work.now))]
    start = owed_from(series, policy)
    owed = monday in weeks_owed(start, series.last, monday + WEEK)
    if owed and monday in missed_weeks(rounds, start, series.last, monday + WEEK):
        data = said(series, week=date_of(monday).isoformat(), policy=policy.version)
        await work.emit(MISSED, data, key=f"{series.schedule}/{monday}")
    if series.last is None or monday + WEEK <= series.last:
        await _look_at(work, series.schedule, monday + WEEK)


async def tell_gp_led(event: Event, work: Work) -> None:
    """The GP-led round is due soon, or overdue: told once for the round that it is counted from."""
    told = event.data or {}
    series = await series_row(work.connection, told["schedule"])
    if series is None or not series.active:
        return
    policy, today = await _policy(work, series), day_of(work.now)
    held = [each.as_held for each in await judged(work.connection, series, to_micros(work.now))]
    since = last_gp_led(held, owed_from(series, policy), today)
    if since != told["since"]:
        return
    by = since + policy.most_days
    data = said(series, since=date_of(since).isoformat(), by=date_of(by).isoformat(), policy=policy.version)
    await work.emit(event.kind, data, key=f"{series.schedule}/{since}")


def owed_from(series: SeriesRow, policy: RoundPolicy) -> int:
    """The day from which on rounds are owed: of the service, or of the series when that began later."""
    return max(series.first, day_number(policy.weekly_from))


async def _policy(work: Work, series: SeriesRow) -> RoundPolicy:
    areas = await areas_of(work.connection, series, to_micros(work.now))
    return await policy_on(work.connection, areas, london_date(work.now))


async def _look_at(work: Work, schedule: str, monday: int) -> None:
    over = start_of_london_day(date_of(monday + WEEK))
    await work.schedule(WEEK_ENDED, schedule, over, {"schedule": schedule, "monday": monday})
