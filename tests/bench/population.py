"""People with coded facts and medicines, drawn by seed: some 40 facts and 6 orders each, more with age.

Every person is drawn alone, by the seed and the person's number, so that a population of 2,000 is the beginning of one
of a million with the same seed. What is drawn how often follows `frequencies.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from frequencies import BANDS, Band, Code, Draws
from sample import patient_id

from cohort_service.domain.facts.person import Person
from cohort_service.facts.fact_rows import RecordFacts
from tandem.record_facts.fact import Fact

AS_OF = date(2023, 4, 1)
"""The day that is looked at: every shipped definition is in force."""
TODAY = (AS_OF - date(1970, 1, 1)).days
PEOPLE_A_PRACTICE = 10_000


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person with everything that is recorded."""

    patient: str
    practice: str
    person: Person
    records: list[RecordFacts]


def population(draws: Draws, seed: int, people: int) -> Iterator[Somebody]:
    """The first `people` of the population of this seed."""
    for number in range(1, people + 1):
        yield _somebody(draws, Random(seed * 1_000_003 + number), number)


def _somebody(draws: Draws, random: Random, number: int) -> Somebody:
    band = random.choices(BANDS, _SHARES)[0]
    born = TODAY - int(random.uniform(band.youngest, band.oldest) * 365.25)
    died = TODAY - random.randrange(1, 900) if random.random() < band.died else None
    left = TODAY - random.randrange(1, 900) if random.random() < 0.02 else None
    sex = "female" if random.random() < 0.51 else "male"
    patient = patient_id(number)
    records = [
        RecordFacts(f"{kind}/{number:08d}-0000-4000-8000-{place:012d}", patient, facts)
        for place, (kind, facts) in enumerate(_records(draws, random, band))
    ]
    practice = f"B{number // PEOPLE_A_PRACTICE:05d}"
    return Somebody(patient, practice, Person(born, sex, died, left), records)


_SHARES = [band.share for band in BANDS]


def _records(draws: Draws, random: Random, band: Band) -> Iterator[tuple[str, list[Fact]]]:
    weights = draws.problem_weights[band.name]
    for code in random.choices(draws.problems, cum_weights=weights, k=_around(random, band.problems)):
        starts = TODAY - int(random.expovariate(1 / 2500))
        ends = starts + random.randrange(30, 2000) if random.random() < 0.15 else None
        yield "Condition", [Fact(code.system, code.code, starts, ends)]
    left = _around(random, band.facts - band.problems)
    while left > 0:
        together = min(left, random.choice((1, 1, 1, 2, 3)))
        starts = TODAY - int(random.expovariate(1 / 900))
        yield "Observation", [_measured(draws, random, starts) for _ in range(together)]
        left -= together
    for code in random.choices(draws.medicines, cum_weights=draws.medicine_weights, k=_around(random, band.medicines)):
        starts = TODAY - int(random.expovariate(1 / 700))
        ends = None if random.random() < 0.6 else starts + random.choice((7, 28, 56, 180, 400))
        yield "MedicationRequest", [Fact(code.system, code.code, starts, ends, medicine=True)]


def _measured(draws: Draws, random: Random, starts: int) -> Fact:
    code: Code = random.choices(draws.others, cum_weights=draws.other_weights)[0]
    value = None if code.mean is None else round(max(0.0, random.gauss(code.mean, code.mean / 4)), 2)
    return Fact(code.system, code.code, starts, value=value)


def _around(random: Random, mean: float) -> int:
    """A count with this mean that is never negative and varies by half of it."""
    return round(max(0.0, random.gauss(mean, mean / 2)))
