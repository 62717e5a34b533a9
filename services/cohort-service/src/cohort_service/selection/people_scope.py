"""Whether people are asked for by a list of their numbers or by the range in which these lie."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.selection.statement import Scope

SPARSE = 2
"""As soon as so many numbers go to one person who is asked for, the people are asked for by a list."""


def scope_of(people: Sequence[int], *, least: int = 1) -> Scope:
    """ "range" for at least so many people, in order of their numbers, between whom next to nobody else has one.

    Whoever else is in the range has to be left out of the answer.
    """
    close = len(people) >= least and people[-1] - people[0] < len(people) * SPARSE
    return "range" if close else "people"
