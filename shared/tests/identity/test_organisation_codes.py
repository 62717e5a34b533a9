from __future__ import annotations

from typing import Any

import pytest

from tandem.canonical import ODS_CODE, ORGANISATION_TYPE
from tandem.identity.organisations import (
    code_of,
    is_network_code,
    is_practice_code,
    kind_of,
    organisation_code,
    reference_code,
    reference_codes,
)  # fmt: skip

CHARITY = "https://charity.example/id"


@pytest.mark.parametrize(("text", "code"), [
    ("A81001", "A81001"), (" a81001 ", "A81001"), (f"{ODS_CODE}|a81001", "A81001"), (f"{ODS_CODE}#A81001", "A81001"),
    ("https://fhir.nhs.uk/Id/ods-organisation-code|A81001", "A81001"),
    (f"{CHARITY}#17", f"{CHARITY}|17"), (f"{CHARITY}|aB-17", f"{CHARITY}|aB-17"), ("urn:x|a#b", "urn:x|a#b"),
])  # fmt: skip
def test_codes_are_brought_to_one_form(text: str, code: str) -> None:
    assert organisation_code(text) == code


@pytest.mark.parametrize(
    "text", ["", "|", "#", f"{ODS_CODE}|", "|17", "A81001 OR 1=1", "Organization/7", "a-b", "A" * 16]
)
def test_other_texts_are_no_codes(text: str) -> None:
    with pytest.raises(ValueError):
        organisation_code(text)


def test_an_ods_code_goes_before_other_identifiers() -> None:
    identifiers = [{"system": CHARITY, "value": "17"}, {"system": ODS_CODE, "value": "rx1"}]
    assert code_of({"id": "o", "identifier": identifiers}) == "RX1"
    assert code_of({"id": "o", "identifier": [{"value": "17"}, identifiers[0]]}) == f"{CHARITY}|17"
    assert code_of({"id": "o"}) == "Organization/o"


@pytest.mark.parametrize(("reference", "code"), [
    ({"identifier": {"system": ODS_CODE, "value": "rx1"}}, "RX1"),
    ({"reference": "Organization/o1"}, "Organization/o1"),
    ({"reference": "Organization/o1/_history/3"}, "Organization/o1"),
    ({"reference": "Organization/o1", "identifier": {"system": ODS_CODE, "value": "RX1"}}, "RX1"),
    ({"reference": f"Organization?identifier={ODS_CODE}|RX1"}, "RX1"),
    ({"reference": "Practitioner/p1"}, None),
    ({"reference": "Practitioner/p1", "identifier": {"system": ODS_CODE, "value": "RX1"}}, None),
    ({"reference": "https://elsewhere.example/fhir/Organization/o1"}, None),
    ({"reference": "#contained"}, None), ({"display": "A practice"}, None),
    ({"type": "Practitioner", "identifier": {"system": ODS_CODE, "value": "RX1"}}, None),
    ({"identifier": {"value": "RX1"}}, None), ({}, None), (None, None),
    ({"reference": "Organization/"}, None), ({"reference": "OrganizationAffiliation/x"}, None),
    ({"reference": "Organization/o1/extra"}, None),
])  # fmt: skip
def test_what_a_reference_says_of_an_organisation(reference: dict[str, Any] | None, code: str | None) -> None:
    assert reference_code(reference) == code


def test_references_are_listed_once() -> None:
    twice = {"reference": "Organization/a"}
    assert reference_codes([twice, None, twice]) == ["Organization/a"]


@pytest.mark.parametrize(("code", "practice", "network"), [
    ("A81001", True, False), ("U12345", False, True), ("RX1", False, False), ("A8100", False, False),
    ("A810011", False, False), ("81001", False, False), ("a81001", False, False),
])  # fmt: skip
def test_forms_of_codes(code: str, practice: bool, network: bool) -> None:
    assert is_practice_code(code) is practice
    assert is_network_code(code) is network


@pytest.mark.parametrize(("code", "types", "kind"), [
    ("A81001", [], "practice"), ("U12345", [], "network"), ("RX1", [], "community-provider"),
    ("A81001", [(ORGANISATION_TYPE, "care-home")], "care-home"), ("X1", [("urn:any", "RO177")], "practice"),
    ("X1", [("urn:any", "RO272")], "network"), ("X1", [("urn:any", "practice")], "community-provider"),
    ("X1", [("urn:any", "RO272"), (ORGANISATION_TYPE, "voluntary")], "voluntary"),
    ("X1", [(ORGANISATION_TYPE, "king")], "community-provider"),
])  # fmt: skip
def test_kinds(code: str, types: list[tuple[str, str]], kind: str) -> None:
    codings = [{"coding": [{"system": system, "code": name}]} for system, name in types]
    assert kind_of({"identifier": [{"system": ODS_CODE, "value": code}], "type": codings}) == kind
