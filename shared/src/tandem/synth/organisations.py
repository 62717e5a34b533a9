"""The organisations of a synthetic network, and their membership.

Only practices have a code of a letter and five digits, and only the network one of U and five digits. Practice codes
begin with Z, which the Organisation Data Service gives to no practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tandem import canonical
from tandem.synth import names
from tandem.synth.datatypes import Json, concept, ods_identifier, profiled, reference
from tandem.synth.draw import Draw
from tandem.synth.network import CareHome, Network, Party, synthetic_id

CHARITY_NUMBER = f"{canonical.BASE}/Id/charity-number"
ODS_ROLE = "https://fhir.nhs.uk/CodeSystem/organisation-role"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


_KINDS = {
    "practice": "GP practice",
    "network": "Primary care network",
    "commissioner": "Integrated care board",
    "community-provider": "Community health provider",
    "care-home": "Care home",
    "pharmacy": "Community pharmacy",
    "voluntary": "Voluntary organisation",
    "social-care": "Social care department",
    "acute-trust": "Acute hospital trust",
}
_ROLES = {"practice": ("RO177", "Prescribing Cost Centre"), "network": ("RO272", "Primary Care Network")}
_SURGERIES = ("Surgery", "Medical Centre", "Health Centre", "Medical Practice", "Group Practice")
_SITES = _listed(
    "Abbey,Beacon,Bridge Street,Canal Side,Castle,Cedars,Dovecote,Fairfield,Grange,Highfield,Lakeside,Limes,Manor,"
    "Millstone,Moorside,Northgate,Oakwood,Park Lane,Riverside,St Anne's,St Luke's,Southgate,Sycamores,Valley,"
    "Wellspring,Westgate,Windmill,Woodlands"
)
_HOMES = _listed(
    "Ashdown House,Beechcroft,Cedar Lodge,Chestnut Court,Elmwood Grange,Heatherdale,Holly Bank,Larkfield House,"
    "Laurel Lodge,Magnolia Court,Orchard House,Primrose Court,Rosewood Manor,Thornfield Hall"
)
_PATIENTS_PER_HOME = 8_000


def build_network(*, patients: int, practices: int, seed: int, as_of: date) -> Network:
    """The organisations of a network of that size; always the same for the same arguments."""
    draw = Draw("organisations", seed)
    first_code = draw.between(10_000, 99_000)

    def party(kind: str, name: str, code: str, *, ods: bool = True) -> Party:
        return Party(kind, name, code, synthetic_id(seed, "Organization", code), ods)

    members = [
        party("practice", _site_name(number, _SURGERIES), f"Z{first_code + number:05d}") for number in range(practices)
    ]
    trust = party("acute-trust", "Wharram Hospitals NHS Foundation Trust", f"RZ{draw.pick('ABCDEFGH')}")
    silent = party("voluntary", "Meadow Lane Community Garden", f"11{draw.between(50_000, 99_999)}", ods=False)
    return Network(
        seed=seed,
        as_of=as_of,
        pcn=party("network", "Wharram Valley Primary Care Network", f"U{draw.between(10_000, 99_999)}"),
        commissioner=party("commissioner", "NHS Wharram Integrated Care Board", f"QZ{draw.pick('ABCDEFGH')}"),
        practices=members,
        acute_trust=trust,
        providers=[
            party("community-provider", "Wharram Community Health NHS Trust", f"RY{draw.pick('ABCDEFGH')}"),
            trust,
            *(
                party("pharmacy", f"{_SITES[-1 - number % len(_SITES)]} Pharmacy", _pharmacy_code(number))
                for number in range(max(1, practices // 2))
            ),
            party("social-care", "Wharram Council Adult Social Care", f"9Z{draw.between(1, 9)}"),
            party("voluntary", "Harbour Befriending", f"11{draw.between(10_000, 49_999)}", ods=False),
            silent,
        ],
        without_agreement=silent,
        homes=[_home(number, practices, seed, draw) for number in range(max(2, round(patients / _PATIENTS_PER_HOME)))],
    )


def organisations(network: Network) -> Iterator[Json]:
    """Every Organization."""
    draw = Draw("organisation details", network.seed)
    yield _organization(network.commissioner, draw)
    yield _organization(network.pcn, draw, part_of=network.commissioner)
    for party in (*network.practices, *network.providers):
        yield _organization(party, draw)
    for home in network.homes:
        yield _organization(home.party, draw, address=dict(home.address))


def memberships(network: Network) -> Iterator[Json]:
    """One OrganizationAffiliation for each practice: it is a member of the network."""
    for practice in network.practices:
        yield {
            "resourceType": "OrganizationAffiliation",
            "id": synthetic_id(network.seed, "member", practice.code),
            "active": True,
            "period": {"start": "2019-07-01"},
            "organization": reference(network.pcn.reference, network.pcn.name),
            "participatingOrganization": reference(practice.reference, practice.name),
            "code": [concept(canonical.AFFILIATION_ROLE, "member", "Member of the network")],
        }


def _organization(party: Party, draw: Draw, *, part_of: Party | None = None, address: Json | None = None) -> Json:
    types = [concept(canonical.ORGANISATION_TYPE, party.kind, _KINDS[party.kind])]
    if party.kind in _ROLES:
        types.append(concept(ODS_ROLE, *_ROLES[party.kind]))
    organization: Json = {
        "resourceType": "Organization",
        "id": party.id,
        "meta": profiled("Organization"),
        "identifier": [ods_identifier(party.code) if party.ods else {"system": CHARITY_NUMBER, "value": party.code}],
        "active": True,
        "type": types,
        "name": party.name,
        "telecom": [names.phone(draw, use="work")],
        "address": [address or names.work_address(draw, party.name)],
    }
    if part_of:
        organization["partOf"] = reference(part_of.reference, part_of.name)
    return organization


def _site_name(number: int, suffixes: tuple[str, ...]) -> str:
    turn, site = divmod(number, len(_SITES))
    return f"{_SITES[site]} {suffixes[(site + turn) % len(suffixes)]}" + (f" {turn + 1}" if turn else "")


def _pharmacy_code(number: int) -> str:
    # F and four signs of which two are letters: never a letter and five digits.
    letters = "ABCDEFGHJKLMNPQRSTVWXY"
    high, low = divmod(number, 90)
    return f"F{letters[high % 22]}{low // 10 + 1}{letters[(high // 22) % 22]}{low % 10}"


def _home(number: int, practices: int, seed: int, draw: Draw) -> CareHome:
    letters = "ABCDEFGHJKLMNPQRSTVWXY"
    code = f"VL{letters[number // 9 % 22]}{number % 9 + 1}{letters[number // 198 % 22]}"
    turn, place = divmod(number, len(_HOMES))
    name = _HOMES[place] + (f" {turn + 1}" if turn else "")
    nursing = number % 2 == 0
    return CareHome(
        party=Party("care-home", f"{name} {'Nursing' if nursing else 'Residential'} Home", code,
                    synthetic_id(seed, "Organization", code)),
        location=f"Location/{synthetic_id(seed, 'Location', code)}",
        nursing=nursing,
        beds=draw.between(6, 16) * 4,
        address=names.work_address(draw, name),
        aligned_practice=number % practices,
    )  # fmt: skip
