"""What makes a meeting's discussion of somebody a review of a person on the register (PCPC-047, PCPC-048).

"Review by an MDT of primary care clinicians and linked services", in which GPs are "regular, active participants" for
their own registered patients (003 §2.4 b3).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from mdt_service.domain.multidisciplinary_teams.make_up import Member, organisations_of

_PRIMARY_CARE: Final = frozenset(("practice", "network"))
_CLINICIANS: Final = frozenset((
    "gp", "advanced-nurse-practitioner", "practice-nurse", "clinical-pharmacist", "physician-associate",
))  # fmt: skip
_GP: Final = "gp"


@dataclass(frozen=True, slots=True)
class Review:
    """One completed discussion at a meeting that was held. `missing` says what it lacks; empty when it is complete."""

    meeting: str
    task: str
    patient: str
    practice: str | None
    day: int
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether it counts as the review of the person."""
        return not self.missing

    @property
    def with_own_gp(self) -> bool:
        """Whether the person's own GP took part."""
        return OWN_GP not in self.missing


OWN_GP: Final = "own-gp"
CLINICIAN: Final = "primary-care-clinician"
LINKED: Final = "linked-service"


def missing_of(there: Collection[Member], practice: str | None, own: Collection[str]) -> tuple[str, ...]:
    """What a review lacks; `own` are references of the named GP, without any each GP of the practice will do."""
    found = []
    if not any(each.kinds & _CLINICIANS and each.organisation_kinds & _PRIMARY_CARE for each in there):
        found.append(CLINICIAN)
    if not any(each.organisation_kinds - _PRIMARY_CARE for each in there):
        found.append(LINKED)
    if not any(_is_own_gp(each, practice, own) for each in there):
        found.append(OWN_GP)
    return tuple(found)


def _is_own_gp(member: Member, practice: str | None, own: Collection[str]) -> bool:
    if own:
        return member.who in own or (member.person is not None and f"Practitioner/{member.person}" in own)
    return _GP in member.kinds and practice is not None and practice in organisations_of([member])
