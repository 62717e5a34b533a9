"""Patient, with the identifiers, extensions and address that UK Core asks for, and those who care for them."""

from __future__ import annotations

from collections.abc import Iterator

from tandem import canonical
from tandem.synth import names
from tandem.synth.datatypes import TERMINOLOGY, Json, concept, hl7, moment, profiled, reference, uk_core_extension
from tandem.synth.person import Person

_UK_CORE_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore"
_VERIFIED: Json = {
    "url": uk_core_extension("NHSNumberVerificationStatus"),
    "valueCodeableConcept": concept(
        f"{_UK_CORE_SYSTEM}-NHSNumberVerificationStatusEngland", "01", "Number present and verified"
    ),
}
# Code, display, share in hundredths.
_ETHNICITY = (
    ("A", "British, Mixed British", 71), ("B", "Irish", 1), ("C", "Any other White background", 5),
    ("D", "White and Black Caribbean", 1), ("F", "White and Asian", 1), ("H", "Indian or British Indian", 4),
    ("J", "Pakistani or British Pakistani", 4), ("K", "Bangladeshi or British Bangladeshi", 1),
    ("L", "Any other Asian background", 2), ("M", "Caribbean", 1), ("N", "African", 3), ("R", "Chinese", 1),
    ("S", "Any other ethnic group", 2), ("Z", "Not stated", 3),
)  # fmt: skip
_ETHNIC_CATEGORY: tuple[Json, ...] = tuple(
    {
        "url": uk_core_extension("EthnicCategory"),
        "valueCodeableConcept": concept(f"{_UK_CORE_SYSTEM}-EthnicCategoryEngland", code, display),
    }
    for code, display, _ in _ETHNICITY
)
_SHARES = tuple(share for _, _, share in _ETHNICITY)
_META = profiled("Patient")
_CARER = hl7("v3-RoleCode", "CHILD", "child")
_SPOUSE = hl7("v3-RoleCode", "SPS", "spouse")
_CONTACT_ROLE = concept(f"{TERMINOLOGY}/v2-0131", "C", "Emergency Contact")


def patient(person: Person) -> Json:
    """The Patient resource."""
    draw = person.draw
    age = person.age
    resource: Json = {
        "resourceType": "Patient",
        "id": person.id,
        "meta": _META,
        "extension": [_ETHNIC_CATEGORY[draw.weighted(_SHARES)]],
        "identifier": [{"extension": [_VERIFIED], "system": canonical.NHS_NUMBER, "value": person.nhs_number}],
        "active": person.died is None,
        "name": [
            {
                "use": "official",
                "family": person.family,
                "given": [person.given],
                "prefix": [names.title(female=person.female, age=age)],
            }
        ],
        "gender": "female" if person.female else "male",
        "birthDate": person.born.isoformat(),
    }
    if age >= 16:
        resource["telecom"] = [names.phone(draw, mobile=age < 75)]
    if person.died:
        resource["deceasedDateTime"] = moment(person.died, draw.between(0, 23), draw.between(0, 59))
    resource["address"] = [_address(person)]
    practice = reference(person.practice.reference, person.practice.name)
    resource["generalPractitioner"] = [practice]
    resource["managingOrganization"] = practice
    return resource


def relations(person: Person) -> Iterator[Json]:
    """A RelatedPerson for many of the old: the one who is rung first."""
    if person.age < 75 or not person.draw.chance(0.45):
        return
    draw = person.draw
    spouse = draw.chance(0.35)
    female = not person.female if spouse else draw.chance(0.6)
    yield {
        "resourceType": "RelatedPerson",
        "id": person.record_id("RelatedPerson"),
        "meta": profiled("RelatedPerson"),
        "active": True,
        "patient": reference(person.reference),
        "relationship": [_SPOUSE if spouse else _CARER, _CONTACT_ROLE],
        "name": [
            {
                "use": "official",
                "family": person.family if spouse or draw.chance(0.6) else names.surname(draw),
                "given": [names.given_name(draw, female=female, born=person.born.year + (0 if spouse else 28))],
            }
        ],
        "telecom": [names.phone(draw, mobile=not spouse)],
    }


def _address(person: Person) -> Json:
    if person.home and person.admitted:
        return {**person.home.address, "use": "home", "period": {"start": person.admitted.isoformat()}}
    return names.street_address(person.draw)
