"""Who may lead a home round and who may take part in it, and whether a round counts.

EHCH-028 to EHCH-030, EHCH-037, EHCH-084, EHCH-085, EHCH-090; 000 §3.16 requirement 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mdt_service.domain.home_rounds.agreed_parts import AgreedPart, may_substitute
from mdt_service.domain.home_rounds.policy import RoundPolicy
from tandem.fhir.outcome import Issue
from tandem.nhs.staff_kinds import kind_names


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody of a round, as the directory knew them on its day.

    `who` is the reference, `person` the Practitioner's id if it is known; `kinds` are kinds of staff, `organisations`
    codes and `organisation_kinds` their kinds, of all roles that held.
    """

    who: str
    person: str | None
    kinds: frozenset[str]
    organisations: frozenset[str]
    organisation_kinds: frozenset[str]
    leads: bool
    present: bool


def leader_faults(team: Collection[TeamMember], policy: RoundPolicy) -> Iterator[Issue]:
    """A round is led by one suitable clinician (EHCH-028)."""
    leaders = [each for each in team if each.leads]
    if len(leaders) != 1:
        text = "A home round is led by one suitable clinician: one participant has the type PPRF (000 §3.16 r6)"
        yield Issue(text, "Appointment.participant.type")
        return
    if not leaders[0].kinds & set(policy.lead):
        allowed = _named(policy.lead)
        yield Issue(
            f"A home round is led by a suitable clinician (000 §3.16 r6; policy {policy.version}), one of: {allowed};"
            f" this one is {_named(leaders[0].kinds) or 'of no kind that is known here'}",
            "Appointment.participant",
        )  # fmt: skip


def role_faults(team: Collection[TeamMember], policy: RoundPolicy) -> Iterator[Issue]:
    """Everybody has a role, and comes from an organisation, that the template of rounds lists (EHCH-037, EHCH-090)."""
    for member in team:
        if not member.kinds & set(policy.roles):
            kinds = _named(member.kinds) or "of no kind that is known here"
            yield Issue(
                f"{member.who} is {kinds}: policy {policy.version} of home rounds (002 EHCH clar2) permits"
                f" {_named(policy.roles)}", "Appointment.participant",
            )  # fmt: skip
        elif not member.organisation_kinds & set(policy.organisations):
            kinds = ", ".join(sorted(member.organisation_kinds)) or "of no organisation that is known here"
            yield Issue(
                f"{member.who} is from: {kinds}; policy {policy.version} of home rounds (002 EHCH clar2) permits"
                f" {', '.join(policy.organisations)}", "Appointment.participant",
            )  # fmt: skip


def counts(mode: str | None, policy: RoundPolicy) -> bool:
    """Whether a round that was held in this way counts for its week (EHCH-027, EHCH-085)."""
    return mode in policy.modes


def counts_as_gp_led(
    leader: TeamMember | None, policy: RoundPolicy, agreed: Collection[AgreedPart], day: int
) -> bool:  # fmt: skip
    """Whether whoever led stands for a GP: as the policy says, or by local agreement (EHCH-029, EHCH-030, EHCH-084)."""
    if leader is None:
        return False
    if leader.kinds & set(policy.gp_led):
        return True
    return bool(leader.kinds & set(policy.substitutes)) and may_substitute(agreed, leader.organisations, day)


def _named(kinds: Collection[str]) -> str:
    return ", ".join(kind_names().get(each, each) for each in sorted(kinds))
