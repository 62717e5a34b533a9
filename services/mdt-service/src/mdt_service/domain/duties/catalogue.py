"""The catalogue of duties, and when each of them falls due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdt_service.domain.duties.codes import REQUIREMENT
from tandem.nhs.financial_year import first_day, following, last_day, year_of


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """What counts as evidence of one kind, in words, and which types of resources show it."""

    code: str
    says: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """What a requirement makes organisations of some kinds owe. `first` and `due` are those of the first time.

    `per_network`: owed to each network by itself. `until`: the last day of one that returns every year.
    """

    requirement: str
    version: int
    service: str
    actor: str
    given_to: tuple[str, ...]
    per_network: bool
    text: str
    source: str
    first: date
    due: date
    yearly: bool
    until: date | None
    evidence: tuple[str, ...]
    shown_by: str

    @property
    def canonical(self) -> str:
        """The canonical of the requirement's version (decision 0009)."""
        return f"{REQUIREMENT}{self.requirement}|{self.version}"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A duty at one time: it begins on `first` and is to be met by `due`."""

    duty: Duty
    first: date
    due: date


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A dated version of the catalogue; duties by requirement id, in the order of the file."""

    version: str
    starts: date
    kinds: Mapping[str, EvidenceKind]
    duties: Mapping[str, Duty]

    def of_canonical(self, canonical: str | None) -> Duty | None:
        """The duty whose requirement a Task cites, in whichever version of it the Task names."""
        if not canonical or not canonical.startswith(REQUIREMENT):
            return None
        return self.duties.get(canonical.removeprefix(REQUIREMENT).partition("|")[0])

    def in_force(self, year: str) -> Iterator[Occurrence]:
        """Every occurrence that has a day in a financial year. Raises ValueError for what is no year."""
        begins, ends = first_day(year), last_day(year)
        for duty in self.duties.values():
            for each in occurrences(duty, ends):
                if each.due >= begins:
                    yield each


def occurrences(duty: Duty, last: date) -> Iterator[Occurrence]:
    """The occurrences of a duty that begin by a day, earliest first."""
    if not duty.yearly:
        if duty.first <= last:
            yield Occurrence(duty, duty.first, duty.due)
        return
    year = year_of(duty.first)
    while first_day(year) <= last and (duty.until is None or first_day(year) <= duty.until):
        yield Occurrence(duty, first_day(year), last_day(year))
        year = following(year)


def catalogue_of(told: Mapping[str, Any]) -> Catalogue:
    """The catalogue of a file. Raises ValueError when the file contradicts itself."""
    kinds = {
        code: EvidenceKind(code, kind["says"], tuple(kind["references"]))
        for code, kind in told["evidence_kinds"].items()
    }
    duties = [_duty(each, kinds) for each in told["duties"]]
    if len({each.requirement for each in duties}) != len(duties):
        raise ValueError("a duty stands in the catalogue twice")
    return Catalogue(str(told["version"]), told["from"], kinds, {each.requirement: each for each in duties})


def _duty(row: Mapping[str, Any], kinds: Mapping[str, EvidenceKind]) -> Duty:
    evidence: Sequence[str] = row["evidence"]
    if not evidence or any(each not in kinds for each in evidence):
        raise ValueError(f"{row['id']}: its evidence is of kinds that are not declared")
    if row["first_day"] > row["due_day"]:
        raise ValueError(f"{row['id']}: it is due before its first day")
    return Duty(
        row["id"], row["version"], row["service"], row["actor"], tuple(row["given_to"]), row["per"] == "network",
        row["text"], row["source"], row["first_day"], row["due_day"], row["repeat"] == "yearly", row.get("until"),
        tuple(evidence), row["shown_by"],
    )  # fmt: skip
