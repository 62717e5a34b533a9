"""Which figures an overview shows, so that they can be counted before somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from metrics_service.dashboard.kept_figures import Wanted
from metrics_service.dashboard.matching import matched_by
from metrics_service.dashboard.peers import Peers
from metrics_service.dashboard.periods import Period, a_year_before
from metrics_service.dashboard.showing import not_due
from metrics_service.domain.measures.definition import Definition
from metrics_service.measures.area import Area
from metrics_service.measures.homes import homes_together
from metrics_service.measures.shipped import definitions


def due_on(day: date) -> list[Definition]:
    """The measures that an overview of the day shows."""
    return [each for each in definitions().values() if not not_due(each, day)]


def of_an_overview(due: Sequence[Definition], area: Area, peers: Peers, period: Period) -> list[Wanted]:
    """The figures of its measures: of the period, of the same days of the year before, and of the peers together; and
    those by which peers are matched."""
    wanted = [Wanted(each, area, period.span) for each in due]
    wanted += [Wanted(each, area, a_year_before(period).span) for each in due]
    if peers.whole is not None:
        wanted += [Wanted(each, peers.whole, period.span) for each in due]
    return wanted + matched_by(area, peers, period)


def of_homes(due: Sequence[Definition], area: Area, homes: Collection[str], period: Period) -> list[Wanted]:
    """What the first page of a care home sets it beside: the homes together. The overview has the figures of all."""
    if not homes:
        return []
    return [Wanted(each, homes_together(area, homes), period.span) for each in due if each.of_one_home]
