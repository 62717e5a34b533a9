"""Who may see whose figures: aggregates, never a person's record (docs/identity.md).

A practice sees its own; a network its own and those of its member practices; a commissioner those of the practices and
networks of its area. Operators and Tandem's own services see all.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE

MEASURED_KINDS = (PRACTICE, NETWORK)
"""Kinds of organisation that have people, and so figures."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks about whom. `holds` says whether the asking organisation holds a membership of the other one now."""

    sees_all: bool
    organisation: str
    kind: str
    about: str
    holds: bool


def may_ask(asking: Asking) -> bool:
    """Whether the figures may be given out."""
    if asking.sees_all:
        return True
    if asking.organisation == asking.about:
        return asking.kind in (*MEASURED_KINDS, COMMISSIONER)
    return asking.holds and asking.kind in (NETWORK, COMMISSIONER)


def sees_exact(asking: Asking) -> bool:
    """Whether it sees every number, however small: who cares for the people does, a commissioner does not."""
    return asking.sees_all or asking.kind in MEASURED_KINDS
