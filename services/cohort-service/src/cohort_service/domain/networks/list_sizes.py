"""How many people a network has on its practices' lists, and whether that is usual (PCN-072)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cohort_service.domain.networks.parameters import SizeNorm, size_norm


@dataclass(frozen=True, slots=True)
class ListSize:
    """A practice's list on a day: people registered, and weighted by need (as payments count them)."""

    practice: str
    day: int
    registered: int
    weighted: float | None


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """The sum of the lists. `weighted` is None while a list has no weighted size; `missing` are practices without any.

    `outside_norm` is None while there is no norm, or the sum is not known whole.
    """

    registered: int
    weighted: float | None
    missing: tuple[str, ...]
    norm: SizeNorm | None
    outside_norm: bool | None


def size_of_network(practices: Iterable[str], newest: Mapping[str, ListSize], on_day: int) -> NetworkSize:
    """Add up the newest list of each practice that belongs to the network on that day."""
    members = sorted(set(practices))
    held = [newest[practice] for practice in members if practice in newest]
    absent = tuple(practice for practice in members if practice not in newest)
    registered = sum(each.registered for each in held)
    weights = [each.weighted for each in held if each.weighted is not None]
    weighted = sum(weights) if held and len(weights) == len(held) else None
    norm = size_norm(on_day)
    outside = None
    if norm is not None and held and not absent:
        outside = not norm.minimum <= registered <= norm.maximum
    return NetworkSize(registered, weighted, absent, norm, outside)
