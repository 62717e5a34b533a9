"""Indicative additional staff of a network beside those in post (PCN-014 to PCN-019)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cohort_service.domain.networks.parameters import Indication, indicative_roles, indicative_staff

_YEAR = re.compile(r"(\d{4})/(\d\d)")


@dataclass(frozen=True, slots=True)
class Line:
    """`indicative` as published for a network of `people`, `scaled` to this network's list, `in_post` as recorded.

    All in whole-time equivalents; None where nothing is published, or the size of the list is not known.
    """

    role: str
    in_post: float
    indicative: float | None = None
    scaled: float | None = None
    people: int | None = None
    source: str | None = None


def is_financial_year(text: str) -> bool:
    """Whether a text is a financial year such as `2020/21`."""
    match = _YEAR.fullmatch(text)
    return match is not None and (int(match[1]) + 1) % 100 == int(match[2])


def workforce(year: str, registered: int | None, in_post: Mapping[str, float]) -> tuple[Line, list[Line]]:
    """The line of all additional staff together, and one for each role that is indicated or in post, by name."""
    whole = _line("", sum(in_post.values()), indicative_staff(year), registered)
    by_role = {each.role: each for each in indicative_roles(year)}
    roles = sorted(by_role.keys() | in_post.keys())
    return whole, [_line(role, in_post.get(role, 0), by_role.get(role), registered) for role in roles]


def _line(role: str, in_post: float, indication: Indication | None, registered: int | None) -> Line:
    if indication is None:
        return Line(role, in_post)
    scaled = round(indication.amount * registered / indication.people, 2) if registered is not None else None
    return Line(role, in_post, indication.amount, scaled, indication.people, indication.source)
