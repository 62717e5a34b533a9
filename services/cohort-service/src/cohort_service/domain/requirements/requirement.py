"""One version of a requirement: what it asks, of whom, from when, on which evidence (PCN-006, PCN-063)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cohort_service.domain.requirements.phase import first_day
from tandem.canonical import BASE

_DOCUMENTS = {
    "000": "NHS England, Network Contract DES, draft outline service specifications (December 2019)",
    "001": "The draft outline service specifications as tables of requirements and measures (December 2019)",
    "002": "NHS England, engagement on the draft specifications, summary report (30 January 2020)",
    "003": "Doncaster CCG, Proactive Coordinated Primary Care, service specification (2016 to 2018)",
    "004": "Leicester City CCG, the development of primary care networks (2019)",
}


@dataclass(frozen=True, slots=True)
class StaffCohort:
    """A group of staff by the code of their PractitionerRole."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """`starts` is the first day of this version, None is always. `digital` is whether contacts by video count.

    A local one has a `holder`, the code of the commissioner that added it, and the `benefit` it reports.
    """

    id: str
    version: int
    service: str
    actor: str
    kind: str
    text: str
    evidence: tuple[str, ...]
    starts: date | None
    digital: bool = False
    staff: tuple[StaffCohort, ...] = ()
    title: str = ""
    holder: str | None = None
    benefit: str | None = None

    @property
    def canonical(self) -> str:
        """The canonical by which records cite this version."""
        return f"{canonical_url(self.id)}|{self.version}"


def canonical_url(requirement: str) -> str:
    """The canonical of all versions of a requirement."""
    return f"{BASE}/PlanDefinition/{requirement}"


def shipped(row: Mapping[str, Any]) -> Requirement:
    """Version one, from a row of the shipped file; its evidence is the paragraphs that it was taken from."""
    return Requirement(
        row["id"], 1, row["service"], row["actor"], row["kind"], row["text"], references(row["source"]),
        first_day(row["phase"]),
    )  # fmt: skip


def references(source: str) -> tuple[str, ...]:
    """The documents and paragraphs of a row's `source`, such as `000 §3.16 r4; 001`, in words."""
    found = []
    for part in source.split(";"):
        number, _, place = part.strip().partition(" ")
        title = _DOCUMENTS.get(number, number)
        found.append(f"{title}, {place.replace('§', 'paragraph ')}" if place else title)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a new version changes; None leaves it as it was. `staff` are added to those there are."""

    starts: date
    text: str | None = None
    evidence: tuple[str, ...] = ()
    digital: bool | None = None
    staff: tuple[StaffCohort, ...] = ()


def amended(before: Requirement, change: Amendment) -> Requirement:
    """The next version. Raises ValueError when it changes nothing, or would begin before the one it follows."""
    if before.starts is not None and change.starts < before.starts and before.version > 1:
        raise ValueError(f"version {before.version} begins on {before.starts.isoformat()}, after this one")
    after = replace(
        before, version=before.version + 1, starts=change.starts,
        text=before.text if change.text is None else change.text,
        evidence=change.evidence or before.evidence,
        digital=before.digital if change.digital is None else change.digital,
        staff=tuple(dict.fromkeys((*before.staff, *change.staff))),
    )  # fmt: skip
    if replace(after, version=before.version, starts=before.starts) == before:
        raise ValueError("a new version changes the text, the evidence, digital delivery or the staff")
    return after
