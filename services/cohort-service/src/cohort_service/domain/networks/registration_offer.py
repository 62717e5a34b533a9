"""The offer to re-register with the network of one's care home (EHCH-020)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.fhir.outcome import Issue

REGISTER = "register-with-aligned-network"
STAY = "stay-with-own-practice"
CHOICES = (REGISTER, STAY)


def is_due(aligned_network: str | None, networks_of_practice: frozenset[str]) -> bool:
    """Whether somebody who lives in a home aligned to a network is registered outside it."""
    return aligned_network is not None and aligned_network not in networks_of_practice


def faults_of_closing(choice: Any, benefits_explained: int | None, opened: int, today: int) -> Iterator[Issue]:
    """An offer is closed by the person's choice, after the benefits were explained; not before it was made."""
    if choice not in CHOICES:
        yield Issue(f"The person's choice is needed: {' or '.join(CHOICES)}", "choice", "required")
    if benefits_explained is None:
        yield Issue("The date on which the benefits were explained is needed", "benefits-explained", "required")
    elif not opened <= benefits_explained <= today:
        yield Issue(
            "The benefits are explained between the day the person came to live there and today",
            "benefits-explained", "value",
        )  # fmt: skip
