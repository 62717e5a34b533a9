"""What the team of somebody on a list lacks: the rules by list, and since when they bind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from careplan_service.domain.care_teams.roles import CARE_COORDINATOR, NAMED_GP, NAMED_PROFESSIONAL, TITLES
from tandem.identity.organisations import NETWORK, PRACTICE, PROVIDER

OF_THE_NETWORK: Final = frozenset((NETWORK, PRACTICE))
COMMUNITY: Final = frozenset((PROVIDER, "mental-health"))


@dataclass(frozen=True, slots=True)
class Member:
    """A member on the day: the role (empty for none), who it is, and the kinds of the organisations they work for."""

    role: str
    who: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """`code` is what is missing: a role, `network-member`, `community-member`, or `one-` with a role."""

    code: str
    text: str


Lacks = Callable[[Sequence[Member]], Iterator[Gap]]


@dataclass(frozen=True, slots=True)
class TeamRule:
    """What one list asks of the teams of its people from a day on."""

    cohort: str
    requirements: tuple[str, ...]
    source: str
    since: date
    lacks: Lacks


def _clinical_team(members: Sequence[Member]) -> Iterator[Gap]:
    """EHCH-016: a named clinical team of staff of the network and of community services."""
    if not any(each.kinds & OF_THE_NETWORK for each in members):
        yield Gap("network-member", "No member of the network or a practice of it")
    if not any(each.kinds & COMMUNITY for each in members):
        yield Gap("community-member", "No member of a provider of community services")


def _coordinator_of_network(members: Sequence[Member]) -> Iterator[Gap]:
    """AC-026: a care co-ordinator of the network."""
    if not any(each.role == CARE_COORDINATOR and each.kinds & OF_THE_NETWORK for each in members):
        yield Gap(CARE_COORDINATOR, "No care co-ordinator of the network or a practice of it")


def _register_team(members: Sequence[Member]) -> Iterator[Gap]:
    """PCPC-034 and PCPC-051: a named GP, a care co-ordinator, and exactly one named professional."""
    for role in (NAMED_GP, CARE_COORDINATOR, NAMED_PROFESSIONAL):
        found = {each.who for each in members if each.role == role}
        if not found:
            yield Gap(role, f"No {TITLES[role]}")
        elif len(found) > 1:
            yield Gap(f"one-{role}", f"{len(found)} have the role of {TITLES[role]}, where one has it")


RULES: Final = {
    rule.cohort: rule for rule in (
        TeamRule("care-home-residents", ("EHCH-016",), "000 §3.16 r2", date(2020, 6, 30), _clinical_team),
        TeamRule("anticipatory-care", ("AC-026",), "000 §4.12 r1", date(2020, 6, 30), _coordinator_of_network),
        TeamRule("case-register", ("PCPC-034", "PCPC-051"), "003 §2.3 and §2.4", date(2016, 4, 1), _register_team),
    )
}  # fmt: skip
