"""The make-up of a team: who is in it, from which sectors and organisations, and what is missing.

AC-008 (000 §4.4), EHCH-022 (000 §3.16 r4), PCN-066 (002 clarify b5.3), PCN-073 (004 §7-8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tandem.identity.organisations import KINDS as ORGANISATION_KINDS
from tandem.nhs.staff_kinds import kind_names


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, or an organisation, that a team names; as the directory knew them on a day.

    `who` is the reference (or the code of an organisation named by it), `person` the Practitioner's id; `roles` are the
    words of the team, `kinds` kinds of staff, `organisations` codes and `organisation_kinds` their kinds. `known` says
    whether the directory knew them.
    """

    who: str
    person: str | None
    name: str | None
    roles: tuple[str, ...]
    kinds: frozenset[str]
    organisations: frozenset[str]
    organisation_kinds: frozenset[str]
    known: bool = True


@dataclass(frozen=True, slots=True)
class Expected:
    """One sector or discipline; filled by any of these kinds."""

    name: str
    title: str
    staff: frozenset[str]
    organisations: frozenset[str]

    def filled_by(self, member: Member) -> bool:
        """Whether a member fills it."""
        return bool(self.staff & member.kinds or self.organisations & member.organisation_kinds)


@dataclass(frozen=True, slots=True)
class Expectations:
    """One version, in force from its first day until the next begins."""

    version: str
    first: date
    sectors: tuple[Expected, ...]
    sectors_source: str
    disciplines: tuple[Expected, ...]
    disciplines_source: str


def expectations_of(told: Mapping[str, Any]) -> Expectations:
    """A version from YAML. Raises ValueError for a kind that does not exist."""
    sectors, disciplines = told["sectors"], told["disciplines"]
    return Expectations(
        str(told["version"]), told["first"], tuple(map(_expected, sectors["expected"])), sectors["source"],
        tuple(map(_expected, disciplines["expected"])), disciplines["source"],
    )  # fmt: skip


def in_force(versions: Iterable[Expectations], day: date) -> Expectations:
    """The version in force on a day; before the first of all, that one."""
    ordered = sorted(versions, key=lambda each: each.first)
    return next((each for each in reversed(ordered) if each.first <= day), ordered[0])


def filled(expected: Sequence[Expected], members: Collection[Member]) -> dict[str, list[Member]]:
    """Each of what is expected, in order, with the members that fill it; an empty list is missing."""
    return {each.name: [member for member in members if each.filled_by(member)] for each in expected}


def missing(expected: Sequence[Expected], members: Collection[Member]) -> list[Expected]:
    """What nobody fills."""
    return [each for each in expected if not any(each.filled_by(member) for member in members)]


def organisations_of(members: Collection[Member]) -> set[str]:
    """The codes of all organisations that members come from."""
    return {code for member in members for code in member.organisations}


def of_one_organisation(members: Collection[Member]) -> bool:
    """Whether a team is of one organisation only, where several should work together (EHCH-022)."""
    return len(organisations_of(members)) < 2


def _expected(told: Mapping[str, Any]) -> Expected:
    staff, organisations = frozenset(told.get("staff", ())), frozenset(told.get("organisations", ()))
    unknown = (staff - set(kind_names())) | (organisations - ORGANISATION_KINDS)
    if unknown:
        raise ValueError(f"there is no kind {', '.join(sorted(unknown))}")
    return Expected(told["name"], told["title"], staff, organisations)
