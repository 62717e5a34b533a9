"""A synthetic person: what is decided once and all their records agree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tandem.ids import deterministic_id
from tandem.nhs.nhs_number import SYNTHETIC_CAPACITY, synthetic_number
from tandem.synth import names
from tandem.synth.datatypes import age_on, days_before, years_before
from tandem.synth.draw import Draw
from tandem.synth.network import CareHome, Network, Party, synthetic_id

# England, mid-2020: people in thousandths by five years of age, the last band 90 and over.
_PYRAMID = (58, 62, 61, 55, 61, 67, 68, 67, 63, 64, 68, 67, 57, 50, 49, 36, 25, 15, 9)
_FEMALE_SHARE_OVER_80 = 0.6
_NUMBERS_PER_SEED = 100_000


@dataclass(slots=True)
class Person:
    """`until` is the last day on which anything is recorded: the reference date, or the day of death."""

    index: int
    id: str
    nhs_number: str
    draw: Draw
    female: bool
    born: date
    given: str
    family: str
    practice: Party
    clinicians: list[str]
    until: date
    died: date | None = None
    frailty: str = "fit"
    home: CareHome | None = None
    admitted: date | None = None
    problems: dict[str, date] = field(default_factory=dict)
    """Key of each problem (see problems.py) and the day it began."""
    medicines: int = 0
    """How many repeat medicines the person takes; set when they are prescribed."""

    @property
    def reference(self) -> str:
        return f"Patient/{self.id}"

    @property
    def age(self) -> int:
        """Full years on the last day."""
        return age_on(self.born, self.until)

    def record_id(self, *parts: object) -> str:
        """The id of a record of this person."""
        return deterministic_id(self.id, *map(str, parts))


def born_person(network: Network, index: int) -> Person:
    """The person of that index with age, sex, practice, death and residency decided."""
    draw = Draw("person", network.seed, index)
    band = draw.weighted(_PYRAMID)
    age = band * 5 + (draw.between(0, 4) if band < 18 else draw.between(0, 9))
    female = draw.chance(_FEMALE_SHARE_OVER_80 if age >= 80 else 0.5)
    birthday = years_before(network.as_of, age)
    place = index % len(network.practices)
    person = Person(
        index=index,
        id=synthetic_id(network.seed, "Patient", index),
        nhs_number=synthetic_number((network.seed * _NUMBERS_PER_SEED + index) % SYNTHETIC_CAPACITY),
        draw=draw,
        female=female,
        born=draw.day(days_before(birthday, 364), birthday),
        given="",
        family=names.surname(draw),
        practice=network.practices[place],
        clinicians=network.clinicians[place],
        until=network.as_of,
    )
    person.given = names.given_name(draw, female=female, born=person.born.year)
    _decide_death(person, network.as_of)
    _decide_frailty(person)
    _decide_residency(person, network)
    return person


def _decide_death(person: Person, as_of: date) -> None:
    age = person.age
    yearly = 0.12 if age >= 85 else 0.04 if age >= 75 else 0.012 if age >= 65 else 0.001
    if age >= 18 and person.draw.chance(yearly):
        person.died = person.until = person.draw.day(days_before(as_of, 364), days_before(as_of, 1))


def _decide_frailty(person: Person) -> None:
    age = person.age
    if age < 65:
        return
    shares = (60, 28, 9, 3) if age < 75 else (40, 37, 17, 6) if age < 85 else (15, 37, 30, 18)
    person.frailty = ("fit", "mild", "moderate", "severe")[person.draw.weighted(shares)]


def _decide_residency(person: Person, network: Network) -> None:
    age = person.age
    share = 0 if age < 70 else 0.008 if age < 80 else 0.025 if age < 85 else 0.07
    if person.draw.chance(share):
        person.home = person.draw.pick(network.homes)
        person.admitted = person.draw.day(days_before(person.until, 4 * 365), days_before(person.until, 20))
        person.frailty = "severe" if person.draw.chance(0.6) else "moderate"
