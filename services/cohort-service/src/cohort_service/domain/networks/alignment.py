"""One network for each care home, and what is missing of it (EHCH-003, EHCH-004, EHCH-018)."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.days import Days
from cohort_service.domain.networks.parameters import alignment_deadline

NO_NETWORK = "no-network"
NO_TEAM = "no-team"
NO_AGREEMENT = "no-agreement"


def overlap(one: Days, other: Days) -> bool:
    """Whether two alignments of one home stand in each other's way (EHCH-004).

    The day on which a home is handed over may be the last of one and the first of the next; the later one counts.
    """
    return one.first == other.first or (one.first < other.last and other.first < one.last)


@dataclass(frozen=True, slots=True)
class Alignment:
    """A home on a day: its network, the network's team (MDT), and whether responsibilities were agreed by then."""

    network: str | None
    team: str | None
    agreed: bool


def missing(alignment: Alignment) -> list[str]:
    """What the list flags about a home: no network, no team (MDT), no agreement of responsibilities (EHCH-003)."""
    flags = []
    if alignment.network is None:
        flags.append(NO_NETWORK)
    if alignment.team is None:
        flags.append(NO_TEAM)
    if not alignment.agreed:
        flags.append(NO_AGREEMENT)
    return flags


def status(alignment: Alignment, on_day: int) -> str:
    """`aligned` with network and team; without one of them `due`, or `gap` once the deadline is past (EHCH-018)."""
    if alignment.network is not None and alignment.team is not None:
        return "aligned"
    return "gap" if on_day > alignment_deadline() else "due"
