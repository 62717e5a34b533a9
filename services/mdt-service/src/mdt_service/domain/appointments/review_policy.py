"""How long an appointment for a structured medication review is, and how it may be held: a dated policy (SMR-057).

"Considerably longer than a GP appointment and flexible in length by complexity" (000 §2.11, SMR-023); remote or
digital where the policy has it (002 SMR key 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tandem.fhir.outcome import Issue


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """One version: `modes` are codes of the delivery channel, lengths are minutes."""

    version: int
    first: date
    modes: tuple[str, ...]
    shortest: int
    longest: int
    source: str


def policy_on(versions: Iterable[ReviewPolicy], day: date) -> ReviewPolicy | None:
    """The newest version that has begun on a day."""
    begun = [each for each in versions if each.first <= day]
    return max(begun, key=lambda each: each.version) if begun else None


def review_faults(policy: ReviewPolicy, minutes: float | None, mode: str | None) -> Iterator[Issue]:
    """What is wrong with a planned appointment for a review; what it does not say is not wrong."""
    if minutes is not None and not policy.shortest <= minutes <= policy.longest:
        yield Issue(
            f"An appointment for a structured medication review takes {policy.shortest} to {policy.longest} minutes, by"
            f" complexity: considerably longer than a GP appointment (000 §2.11, policy {policy.version})",
            "Appointment.end",
        )  # fmt: skip
    if mode is not None and mode not in policy.modes:
        yield Issue(
            f"A structured medication review is held {', '.join(policy.modes)} (policy {policy.version}), not {mode}",
            "Appointment.extension",
        )  # fmt: skip
