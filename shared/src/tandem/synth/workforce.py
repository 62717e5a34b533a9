"""The people who work in the network: Practitioner and PractitionerRole."""

from __future__ import annotations

from collections.abc import Iterator

from tandem import canonical
from tandem.synth import names
from tandem.synth.datatypes import Json, concept, profiled, reference
from tandem.synth.draw import Draw
from tandem.synth.network import CareHome, Network, Party, Professional, synthetic_id

PRACTITIONER_ROLE = f"{canonical.BASE}/CodeSystem/practitioner-role"
_REGISTERS = "https://fhir.hl7.org.uk/Id"
_PATIENTS_PER_GP = 1_800
_PATIENTS_PER_PHARMACIST = 15_000

ROLES = {
    "clinical-director": ("Clinical director", "gmc"),
    "general-practitioner": ("General practitioner", "gmc"),
    "practice-nurse": ("Practice nurse", "nmc"),
    "clinical-pharmacist": ("Clinical pharmacist", "gphc"),
    "social-prescribing-link-worker": ("Social prescribing link worker", "sds"),
    "care-coordinator": ("Care coordinator", "sds"),
    "community-nurse": ("Community nurse", "nmc"),
    "physiotherapist": ("Physiotherapist", "hcpc"),
    "geriatrician": ("Consultant geriatrician", "gmc"),
    "community-pharmacist": ("Community pharmacist", "gphc"),
    "social-worker": ("Social worker", "none"),
    "volunteer-coordinator": ("Volunteer coordinator", "none"),
    "care-home-manager": ("Care home manager", "none"),
}
"""Code: display, and the register that the person's identifier comes from."""

_ELSEWHERE = {
    "community-provider": ("community-nurse", "community-nurse", "physiotherapist"),
    "acute-trust": ("geriatrician",),
    "pharmacy": ("community-pharmacist",),
    "social-care": ("social-worker",),
    "voluntary": ("volunteer-coordinator",),
}


def staff(network: Network, *, patients: int) -> Iterator[Json]:
    """Every Practitioner, each followed by the PractitionerRole; fills the network's staff on the way."""
    draw = Draw("workforce", network.seed)
    doctors = max(2, round(patients / len(network.practices) / _PATIENTS_PER_GP))
    for number, practice in enumerate(network.practices):
        gps: list[str] = []
        for place in range(doctors):
            director = number == 0 and place == 0
            homes = [home for home in network.homes if place == 0 and home.aligned_practice == number]
            role = "clinical-director" if director else "general-practitioner"
            yield from _professional(network, draw, role, practice, homes)
            gps.append(network.staff[-1].practitioner)
        network.clinicians.append(gps)
        yield from _professional(network, draw, "practice-nurse", practice)
    for _ in range(max(1, round(patients / _PATIENTS_PER_PHARMACIST))):
        yield from _professional(network, draw, "clinical-pharmacist", network.pcn)
        network.pharmacist = network.staff[-1].practitioner
    for role in ("social-prescribing-link-worker", "care-coordinator"):
        yield from _professional(network, draw, role, network.pcn)
    for provider in network.providers:
        for role in _ELSEWHERE[provider.kind]:
            yield from _professional(network, draw, role, provider)
    for home in network.homes:
        yield from _professional(network, draw, "care-home-manager", home.party, [home])


def _professional(
    network: Network, draw: Draw, role: str, organisation: Party, homes: list[CareHome] | None = None
) -> Iterator[Json]:
    number = len(network.staff)
    female = draw.chance(0.6)
    name = {
        "use": "official",
        "family": names.surname(draw),
        "given": [names.given_name(draw, female=female, born=draw.between(1955, 1995))],
        "prefix": ["Dr" if ROLES[role][1] == "gmc" else names.title(female=female, age=45)],
    }
    person = Professional(
        role=role,
        name=f"{name['prefix'][0]} {name['given'][0]} {name['family']}",
        practitioner=f"Practitioner/{synthetic_id(network.seed, 'Practitioner', number)}",
        practitioner_role=f"PractitionerRole/{synthetic_id(network.seed, 'PractitionerRole', number)}",
        organisation=organisation,
    )
    network.staff.append(person)
    yield _practitioner(person, name, female=female, identifier=_identifier(ROLES[role][1], number))
    yield _practitioner_role(person, homes or [])


def _practitioner(person: Professional, name: Json, *, female: bool, identifier: Json | None) -> Json:
    practitioner: Json = {
        "resourceType": "Practitioner",
        "id": person.practitioner.partition("/")[2],
        "meta": profiled("Practitioner"),
        "active": True,
        "name": [name],
        "gender": "female" if female else "male",
    }
    if identifier:
        practitioner["identifier"] = [identifier]
    return practitioner


def _practitioner_role(person: Professional, homes: list[CareHome]) -> Json:
    role: Json = {
        "resourceType": "PractitionerRole",
        "id": person.practitioner_role.partition("/")[2],
        "meta": profiled("PractitionerRole"),
        "active": True,
        "period": {"start": "2019-07-01"},
        "practitioner": reference(person.practitioner, person.name),
        "organization": reference(person.organisation.reference, person.organisation.name),
        "code": [concept(PRACTITIONER_ROLE, person.role, ROLES[person.role][0])],
    }
    if homes:
        role["location"] = [reference(home.location, home.party.name) for home in homes]
    return role


def _identifier(register: str, number: int) -> Json | None:
    """A number in the form of the register; whom the registers gave it, nobody here knows."""
    forms = {
        "gmc": (f"{_REGISTERS}/gmc-number", f"99{number:05d}"),
        "nmc": (f"{_REGISTERS}/nmc-number", f"99Z{number:04d}Z"),
        "gphc": (f"{_REGISTERS}/gphc-number", f"29{number:05d}"),
        "hcpc": (f"{_REGISTERS}/hcpc-number", f"PH{number:06d}"),
        "sds": ("https://fhir.nhs.uk/Id/sds-user-id", f"999{number:09d}"),
    }
    if register not in forms:
        return None
    system, value = forms[register]
    return {"system": system, "value": value}
