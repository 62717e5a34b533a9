"""What a synthetic network holds, for those who load it and for the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.synth.network import Network, Party, Professional
from tandem.synth.protagonist import Protagonist, protagonist_of

FILE_NAME = "SUMMARY.txt"
"""Neither `.ndjson` nor `.json`: a loader passes it by."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation that cares for people of the network; without `ods` its `code` is a charity number."""

    kind: str
    name: str
    code: str
    id: str
    ods: bool
    agreement: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts by type and the names by which the parts of the network are found."""

    seed: int
    as_of: str
    patients: int
    counts: dict[str, int]
    network_code: str
    network_id: str
    commissioner_code: str
    practice_codes: tuple[str, ...]
    practice_ids: tuple[str, ...]
    providers: tuple[Provider, ...]
    care_homes: tuple[Provider, ...]
    staff: tuple[Professional, ...]
    protagonist: Protagonist

    @property
    def resources(self) -> int:
        """How many resources in all."""
        return sum(self.counts.values())

    def provider(self, kind: str) -> Provider:
        """The first provider of a kind, e.g. `community-provider`. Raises KeyError when there is none."""
        for provider in self.providers:
            if provider.kind == kind:
                return provider
        raise KeyError(kind)

    def professional(self, role: str) -> Professional:
        """The first member of staff in a role, e.g. `clinical-pharmacist`. Raises KeyError when there is none."""
        for professional in self.staff:
            if professional.role == role:
                return professional
        raise KeyError(role)

    def text(self) -> str:
        """A page to print."""
        lines = [
            f"Synthetic primary care network, seed {self.seed}, as of {self.as_of}: {self.resources:,} resources",
            "",
            f"  network       {self.network_code}",
            f"  commissioner  {self.commissioner_code}",
            f"  practices     {', '.join(self.practice_codes)}",
            "",
            *(_provider_line(provider) for provider in (*self.providers, *self.care_homes)),
            "",
            *_protagonist_lines(self.protagonist),
            "",
            *(f"  {count:>12,}  {name}" for name, count in sorted(self.counts.items())),
        ]
        return "\n".join(lines) + "\n"


def summarise(network: Network, counts: dict[str, int]) -> Summary:
    """The summary of a network that has been written."""
    return Summary(
        seed=network.seed,
        as_of=network.as_of.isoformat(),
        patients=counts["Patient"],
        counts=dict(sorted(counts.items())),
        network_code=network.pcn.code,
        network_id=network.pcn.id,
        commissioner_code=network.commissioner.code,
        practice_codes=tuple(practice.code for practice in network.practices),
        practice_ids=tuple(practice.id for practice in network.practices),
        providers=tuple(_provider(network, party) for party in network.providers),
        care_homes=tuple(_provider(network, home.party) for home in network.homes),
        staff=tuple(network.staff),
        protagonist=protagonist_of(network),
    )


def _provider(network: Network, party: Party) -> Provider:
    signed = party is not network.without_agreement
    return Provider(party.kind, party.name, party.code, party.id, party.ods, signed)


def _provider_line(provider: Provider) -> str:
    code = provider.code if provider.ods else f"charity {provider.code}"
    agreement = "" if provider.agreement else ", no sharing agreement"
    return f"  {provider.kind:<20}{code:<16}{provider.name}{agreement}"


def _protagonist_lines(person: Protagonist) -> list[str]:
    return [
        f"  {person.name}, {person.age}, on {person.medicines} medicines",
        f"  in care home {person.care_home_code} since {person.admitted}",
        f"  Patient/{person.patient_id}, NHS number {person.nhs_number}, practice {person.practice_code}",
    ]
