"""The row of one person in a linked extract: a pseudonym, what is shared by many, and codes by month (AC-032).

Nothing that names a person goes in: no id, NHS number, name, address, text, value or day.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.extracts.codes import Theme, may_be_given, theme_of
from cohort_service.domain.extracts.opt_outs import Stated
from cohort_service.domain.extracts.small_numbers import age_bands
from tandem.london_days import date_of
from tandem.record_facts.fact import UNDATED

_THEMES: tuple[Theme, ...] = ("health", "housing", "education")


@dataclass(frozen=True, slots=True)
class ExtractPerson:
    """What is known of a person, before anything is left out. Days as in facts; codes of practice and network."""

    patient: str
    born: int | None
    sex: str | None
    practice: str | None
    network: str | None
    cohorts: tuple[str, ...]
    facts: tuple[Stated, ...]
    medicines: tuple[Stated, ...]


def shared_by(person: ExtractPerson, today: int) -> Iterator[Hashable]:
    """What the person shares with others, as it is counted and then asked for."""
    yield "sex", person.sex
    yield "practice", person.practice
    yield "network", person.network
    for band in age_bands(person.born, today):
        yield "age", band, person.sex
    for cohort in person.cohorts:
        yield "cohort", cohort
    for system, code, *_ in _given(person.facts + person.medicines, today):
        yield "code", system, code


def extract_row(person: ExtractPerson, name: str, large: Collection[Hashable], today: int) -> dict[str, Any]:
    """The row under the pseudonym `name`; `large` are the groups of enough people (see `shared_by`)."""
    sex = person.sex if ("sex", person.sex) in large else None
    bands = (band for band in age_bands(person.born, today) if ("age", band, person.sex) in large)
    row: dict[str, Any] = {
        "pseudonym": name, "ageBand": next(bands, None), "sex": sex,
        "practice": person.practice if ("practice", person.practice) in large else None,
        "network": person.network if ("network", person.network) in large else None,
        "cohorts": sorted(cohort for cohort in person.cohorts if ("cohort", cohort) in large),
    }  # fmt: skip
    for theme in _THEMES:
        stated = [each for each in _given(person.facts, today) if theme_of(each[0], each[1]) == theme]
        row[theme] = _coded(stated, large)
    row["medicines"] = _coded(_given(person.medicines, today), large)
    return row


def month_of(day: int) -> str | None:
    """`2020-06` of a day; None when the fact has no date."""
    if day <= UNDATED:
        return None
    return date_of(day).isoformat()[:7]


def _given(stated: Collection[Stated], today: int) -> list[Stated]:
    return [each for each in stated if each[2] <= today and may_be_given(each[0], each[1])]


def _coded(stated: Collection[Stated], large: Collection[Hashable]) -> list[dict[str, str]]:
    found: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for system, code, starts, ends in stated:
        if ("code", system, code) not in large:
            continue
        since, until = month_of(starts), month_of(ends) if ends is not None else None
        row = {"system": system, "code": code, "since": since, "until": until}
        found[system, code, since or "", until or ""] = {key: text for key, text in row.items() if text is not None}
    return [found[key] for key in sorted(found)]
