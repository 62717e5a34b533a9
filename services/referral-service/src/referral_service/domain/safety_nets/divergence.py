"""Where a net differs from the network's protocol: what it was opened with, and what was done (ECD-041)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from referral_service.domain.safety_nets.monitoring_steps import MonitoringStep
from referral_service.domain.safety_nets.net_terms import NetTerms


@dataclass(frozen=True, slots=True)
class Divergence:
    """`kind` is `interval` (other days than the network's), `skipped` or `late`."""

    kind: str
    step: str
    text: str


def divergences(
    terms: NetTerms, steps: Sequence[MonitoringStep], wanted: Mapping[str, int], wanted_name: str
) -> list[Divergence]:
    """All of them. `wanted` are the days by step that the network asks for now, `wanted_name` the version."""
    return [*_intervals(terms, wanted, wanted_name), *_deeds(steps)]


def _intervals(terms: NetTerms, wanted: Mapping[str, int], wanted_name: str) -> Iterator[Divergence]:
    for step in terms.steps:
        if terms.days[step] != wanted[step]:
            opened_with = terms.protocol or terms.policy
            text = f"{terms.days[step]} days by {opened_with}, {wanted[step]} days by {wanted_name}"
            yield Divergence("interval", step, text)


def _deeds(steps: Sequence[MonitoringStep]) -> Iterator[Divergence]:
    for each in steps:
        if each.skipped:
            yield Divergence("skipped", each.name, "A later step is done, and this one is not recorded")
        elif each.late:
            yield Divergence("late", each.name, f"Done after its {each.days} days")
