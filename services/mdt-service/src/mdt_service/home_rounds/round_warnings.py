"""Which rules of the rhythm rounds would break, or do: told when they are planned and when they happen.

EHCH-027, EHCH-029, EHCH-085; 000 §3.16 requirement 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mdt_service.domain.home_rounds.policy import RoundPolicy
from mdt_service.domain.home_rounds.rhythm import gp_gaps
from mdt_service.home_rounds.round_rows import JudgedRound
from mdt_service.home_rounds.round_timers import owed_from
from mdt_service.home_rounds.series_rows import SeriesRow
from tandem.london_days import date_of


def warnings(
    series: SeriesRow, rounds: Sequence[JudgedRound], told: Sequence[JudgedRound], policy: RoundPolicy
) -> Iterator[str]:  # fmt: skip
    """A text for each: of the rounds `told`, among all `rounds` of the series that are planned or were held."""
    for each in told:
        if not each.counts:
            day, allowed = date_of(each.row.day).isoformat(), ", ".join(each.policy.modes)
            yield (
                f"The round of {day} is held by {each.row.mode} and does not count for its week: policy"
                f" {each.policy.version} counts {allowed} (000 §3.16 r6: weekly, in person)"
            )
    start, last = owed_from(series, policy), told[-1].row.day
    for gap in gp_gaps((each.as_held for each in rounds), start, series.last, last, policy.most_days):
        if gap.until is None or gap.until >= told[0].row.day:
            yield (
                f"No round led by a GP for {policy.most_days} days from {date_of(gap.since).isoformat()} on:"
                f" breached on {date_of(gap.broken).isoformat()} (000 §3.16 r6 b1, policy {policy.version})"
            )
