"""Which target for early diagnosis of cancer a network works to (ECD-069)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohort_service.domain.networks.parameters import CancerTarget, national_cancer_target


def resolve_target(
    alliances: Sequence[str], places: Sequence[str], targets: Mapping[str, CancerTarget]
) -> tuple[str | None, CancerTarget]:
    """The target and the code of who set it: the Cancer Alliance, else the place, else None for the national one."""
    for organisation in (*alliances, *places):
        if organisation in targets:
            return organisation, targets[organisation]
    return None, national_cancer_target()
