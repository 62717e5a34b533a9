"""What the records of people refer to: the network's organisations, care homes and staff, as plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tandem.ids import deterministic_id


def synthetic_id(seed: int, *parts: object) -> str:
    """The id of a synthetic resource: the same for the same seed and parts."""
    return deterministic_id("tandem-synth", str(seed), *map(str, parts))


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation of the network. `code` is an ODS code, or the local identifier when `ods` is false."""

    kind: str
    name: str
    code: str
    id: str
    ods: bool = True

    @property
    def reference(self) -> str:
        return f"Organization/{self.id}"


@dataclass(frozen=True, slots=True)
class CareHome:
    """A care home, the place it is, and the practice whose clinical lead looks after it."""

    party: Party
    location: str
    nursing: bool
    beds: int
    address: dict[str, object]
    aligned_practice: int


@dataclass(frozen=True, slots=True)
class Professional:
    """A person at work: practitioner and role as `Type/id`."""

    role: str
    name: str
    practitioner: str
    practitioner_role: str
    organisation: Party


@dataclass(slots=True)
class Network:
    """A primary care network and those it works with."""

    seed: int
    as_of: date
    pcn: Party
    commissioner: Party
    practices: list[Party]
    acute_trust: Party
    providers: list[Party]
    """All other organisations that care for people, care homes excepted, the acute trust included."""
    without_agreement: Party
    """The one voluntary organisation that has signed nothing."""
    homes: list[CareHome]
    staff: list[Professional] = field(default_factory=list)
    clinicians: list[list[str]] = field(default_factory=list)
    """By practice: its GPs as `Practitioner/id`."""
    pharmacist: str = ""
    """The network's clinical pharmacist as `Practitioner/id`."""
