"""Who has which role in a CareTeam, and for how long (http://hl7.org/fhir/R4/careteam.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tandem.canonical import CARE_TEAM_CATEGORY, CARE_TEAM_ROLE
from tandem.fhir.body import Resource
from tandem.identity.periods import Period, overlap, period_of

NAMED_GP: Final = "named-gp"
CARE_COORDINATOR: Final = "care-coordinator"
RESPONSIBLE_LEAD: Final = "responsible-lead"
NAMED_PROFESSIONAL: Final = "named-professional"
ACCOUNTABLE: Final = {
    RESPONSIBLE_LEAD: "000 §4.12 r6; AC-048",
    CARE_COORDINATOR: "003 §2.5; PCPC-068",
    NAMED_PROFESSIONAL: "003 §2.4 b5; PCPC-051",
    NAMED_GP: "003 §2.3; PCPC-034",
}
"""Roles that one person has at a time and that are handed over: role -> where that is written."""
PEOPLE: Final = ("Practitioner", "PractitionerRole")
"""What an accountable role is given to: a professional, never an organisation."""
TITLES: Final = {
    NAMED_GP: "named GP", CARE_COORDINATOR: "care co-ordinator", RESPONSIBLE_LEAD: "responsible lead",
    NAMED_PROFESSIONAL: "named professional",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """One role of one participant: `member` is a Reference, `span` in microseconds `[starts, ends)`.

    `role` is empty for a participant with none of ours; `place` is the participant's place in the team.
    """

    team: str
    place: int
    role: str
    member: dict[str, Any]
    on_behalf_of: dict[str, Any] | None
    span: Period

    @property
    def who(self) -> str:
        """What tells two members apart."""
        identifier = self.member.get("identifier") or {}
        return str(self.member.get("reference") or f"{identifier.get('system')}|{identifier.get('value')}")

    @property
    def is_professional(self) -> bool:
        """Whether it is a person who works in care, not an organisation, a patient or a team."""
        kind = self.member.get("type") or str(self.member.get("reference") or "").partition("/")[0]
        return kind in PEOPLE

    def holds_at(self, moment: int) -> bool:
        """Whether it is held at a moment (microseconds)."""
        return self.span[0] <= moment < self.span[1]


def roles_held(team: Resource) -> list[RoleHeld]:
    """Every role of every participant, within the period of the team. A person with two roles is there twice."""
    whole, held = period_of(team.get("period")), []
    for place, participant in enumerate(team.get("participant") or ()):
        member = participant.get("member")
        if isinstance(member, dict):
            span = overlap(whole, period_of(participant.get("period")))
            for role in role_codes(participant) or [""]:
                held.append(RoleHeld(str(team.get("id")), place, role, member, participant.get("onBehalfOf"), span))
    return held


def role_codes(participant: dict[str, Any]) -> list[str]:
    """The codes of ours that a participant has."""
    concepts = participant.get("role") or ()
    return list(dict.fromkeys(
        str(coding.get("code")) for concept in concepts for coding in concept.get("coding") or ()
        if coding.get("system") == CARE_TEAM_ROLE
    ))  # fmt: skip


def claims_roles(team: Resource | None) -> bool:
    """Whether a CareTeam about a person takes part in the shared process: by category or by a role of ours."""
    if team is None or not team.get("subject"):
        return False
    codings = (coding for concept in team.get("category") or () for coding in concept.get("coding") or ())
    by_category = any(coding.get("system") == CARE_TEAM_CATEGORY for coding in codings)
    return by_category or any(role_codes(each) for each in team.get("participant") or ())


def holders(held: Iterable[RoleHeld], role: str, moment: int) -> Iterator[RoleHeld]:
    """Who has the role at a moment."""
    return (each for each in held if each.role == role and each.holds_at(moment))
