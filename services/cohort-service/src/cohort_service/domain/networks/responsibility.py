"""Who delivers the numbered requirements of care homes for a resident (EHCH-021, EHCH-093).

000 §3.16 requirement 3: the home stays aligned to one network; who chose a practice outside it is looked after by that
practice, directly or by local sub-contract, for requirements 4 to 9.
"""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.parameters import requirements_of_the_practice


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Codes of organisations. `contractor` is the practice's recorded sub-contractor for care homes, if it has one;
    `network_contractor` the aligned network's."""

    practice: str | None
    networks_of_practice: frozenset[str]
    aligned_network: str | None
    contractor: str | None = None
    network_contractor: str | None = None


@dataclass(frozen=True, slots=True)
class Responsibility:
    """`accountable` answers for the requirement, `delivers` does it."""

    requirement: int
    accountable: str
    delivers: str


def chose_another_practice(about: Circumstances) -> bool:
    """Whether the person is registered with a practice outside the network of the home."""
    return about.aligned_network is not None and about.aligned_network not in about.networks_of_practice


def responsibilities(about: Circumstances) -> list[Responsibility]:
    """One a requirement; [] while there is neither a home aligned to a network nor a practice to answer for them."""
    if about.aligned_network is not None and not chose_another_practice(about):
        accountable: str | None = about.aligned_network
        contractor = about.network_contractor
    else:
        accountable, contractor = about.practice, about.contractor
    if accountable is None:
        return []
    return [
        Responsibility(number, accountable, contractor or accountable) for number in requirements_of_the_practice()
    ]
