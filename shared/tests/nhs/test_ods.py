"""ODS codes: their shapes, and the misspelt system."""

from __future__ import annotations

import pytest

from tandem import canonical
from tandem.nhs import ods


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Y05868", ods.Shape.PRACTICE),
        ("A81001", ods.Shape.PRACTICE),
        ("U12345", ods.Shape.NETWORK),
        ("U1234", ods.Shape.OTHER),
        ("RXX", ods.Shape.OTHER),
        ("FA1B2", ods.Shape.OTHER),
        ("A810011", ods.Shape.OTHER),
        ("a81001", ods.Shape.OTHER),
        ("A٨١٠٠١", ods.Shape.OTHER),
    ],
)
def test_shapes(code: str, expected: ods.Shape) -> None:
    assert ods.shape(code) is expected


def test_codes_are_written_in_capitals() -> None:
    assert ods.normalise(" y05868 ") == "Y05868"
    with pytest.raises(ods.InvalidOdsCode):
        ods.normalise("no code at all")


def test_the_misspelt_system_is_put_right() -> None:
    assert ods.normalise_system("https://fhir.nhs.uk/Id/ods-organisation-code") == canonical.ODS_CODE
    assert ods.normalise_system(canonical.ODS_CODE) == canonical.ODS_CODE
    assert ods.normalise_system("urn:other") == "urn:other"


def test_the_code_of_an_organisation() -> None:
    organisation = {
        "identifier": [
            {"system": "urn:other", "value": "X"},
            {"system": canonical.ODS_CODE, "value": "?"},
            {"system": ods.MISSPELT_SYSTEM, "value": "y05868"},
        ]
    }
    assert ods.organisation_code(organisation) == "Y05868"
    assert ods.organisation_code({"identifier": [{"system": canonical.ODS_CODE}]}) is None
    assert ods.organisation_code({}) is None
