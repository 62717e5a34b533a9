"""The synthetic network written to a folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tandem.nhs.nhs_number import SYNTHETIC_CAPACITY
from tandem.synth.agreements import agreements
from tandem.synth.care import allergies, immunizations, procedures
from tandem.synth.contacts import encounters
from tandem.synth.datatypes import Json
from tandem.synth.needs import needs
from tandem.synth.network import Network
from tandem.synth.observations import observations
from tandem.synth.organisations import build_network, memberships, organisations
from tandem.synth.patients import patient, relations
from tandem.synth.person import Person
from tandem.synth.prescriptions import prescriptions, repeats
from tandem.synth.problems import conditions, decide_problems
from tandem.synth.protagonist import MEDICINES, is_protagonist, people
from tandem.synth.residency import residency
from tandem.synth.services import healthcare_services, locations
from tandem.synth.summary import FILE_NAME, Summary, summarise
from tandem.synth.workforce import staff
from tandem.synth.writer import NdjsonWriter

AS_OF = date(2020, 7, 1)
"""The reference date: nothing is recorded after it."""
MAX_PRACTICES = 500


def generate(patients: int, practices: int, seed: int, out: Path, as_of: date = AS_OF) -> Summary:
    """Write a network of `patients` people registered at `practices` practices as NDJSON files into `out`.

    The same arguments give the same bytes. Every reference points to a resource of the same output. `SUMMARY.txt`
    holds the codes and counts. Raises ValueError for a network without patients or practices, one with more than 500
    practices or 900,000 patients, or a negative seed.
    """
    if not 1 <= patients <= SYNTHETIC_CAPACITY:
        raise ValueError(f"a synthetic network has 1 to {SYNTHETIC_CAPACITY} patients")
    if not 1 <= practices <= MAX_PRACTICES:
        raise ValueError(f"a synthetic network has 1 to {MAX_PRACTICES} practices")
    if seed < 0:
        raise ValueError("the seed is not negative")
    network = build_network(patients=patients, practices=practices, seed=seed, as_of=as_of)
    with NdjsonWriter(out) as writer:
        writer.write(organisations(network))
        writer.write(memberships(network))
        writer.write(agreements(network))
        writer.write(locations(network))
        writer.write(healthcare_services(network))
        writer.write(staff(network, patients=patients))
        for person in people(network, patients=patients):
            writer.write(records(person, network))
    summary = summarise(network, dict(writer.counts))
    (out / FILE_NAME).write_text(summary.text(), encoding="utf-8")
    return summary


def records(person: Person, network: Network) -> Iterator[Json]:
    """Everything recorded about one person, the Patient first."""
    yield patient(person)
    yield from relations(person)
    yield from residency(person)
    if not is_protagonist(person):
        decide_problems(person)
    yield from conditions(person)
    yield from repeats(person, MEDICINES) if is_protagonist(person) else prescriptions(person)
    yield from observations(person)
    yield from encounters(person, network)
    yield from procedures(person, network)
    yield from immunizations(person, network)
    yield from allergies(person)
    if not is_protagonist(person):
        yield from needs(person, network)
