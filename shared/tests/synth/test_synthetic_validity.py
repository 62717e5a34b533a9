"""Every line of a synthetic network is valid R4 by both engines, and refers only to lines of the same network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fhirkit
import pytest
from fhir.resources.R4B import get_fhir_model_class

from tandem.fhir.ownership import OWNED_TYPES
from tandem.nhs.nhs_number import is_valid
from tandem.synth import Summary

Resources = dict[str, list[dict[str, Any]]]
Walk = Callable[[Any], list[dict[str, Any]]]

_VERHOEFF_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def test_every_line_is_valid_r4(network_lines: dict[str, list[bytes]]) -> None:
    issues = [
        (name, issue) for name, lines in network_lines.items() for line in lines for issue in fhirkit.validate(line)
    ]
    assert issues == []


def test_the_models_of_fhir_resources_take_every_kind_of_record(network_lines: dict[str, list[bytes]]) -> None:
    for name, lines in network_lines.items():
        model = get_fhir_model_class(name)
        for line in lines[:40]:
            model.model_validate_json(line)


def test_required_codes(resources: Resources, shared_data: Path) -> None:
    required: dict[str, list[str]] = json.loads((shared_data / "r4-spec" / "required-codes.json").read_text())
    seen = 0
    for name, items in resources.items():
        for item in items:
            for path, value in _primitives(name, item):
                if path in required:
                    seen += 1
                    assert value in required[path], path
    assert seen > 1000


def test_all_types_belong_to_the_service_that_takes_records(resources: Resources) -> None:
    assert resources.keys() <= set(OWNED_TYPES["cohort-service"])


def test_lines_stand_in_the_file_of_their_type_with_ids_of_their_own(resources: Resources) -> None:
    for name, items in resources.items():
        assert {item["resourceType"] for item in items} == {name}
        assert len({item["id"] for item in items}) == len(items)


def test_references_are_closed(resources: Resources, walk: Walk) -> None:
    known = {f"{name}/{item['id']}" for name, items in resources.items() for item in items}
    used = {found["reference"] for items in resources.values() for found in walk(items) if "reference" in found}
    assert used <= known
    assert len(used) > 300


def test_snomed_and_dmd_codes_are_concept_ids(resources: Resources, walk: Walk) -> None:
    systems = ("http://snomed.info/sct", "https://dmd.nhs.uk")
    codes = {found["code"] for items in resources.values() for found in walk(items) if found.get("system") in systems}
    assert len(codes) > 60
    for code in codes:
        assert _verhoeff(code), code
        assert code[-3:-1] in ("00", "10"), code


def test_a_code_has_one_display(resources: Resources, walk: Walk) -> None:
    displays: dict[tuple[str, str], str] = {}
    for items in resources.values():
        for found in walk(items):
            if "system" in found and "display" in found:
                key = (found["system"], found["code"])
                assert displays.setdefault(key, found["display"]) == found["display"]


def test_nhs_numbers_are_synthetic_valid_verified_and_unique(resources: Resources) -> None:
    identifiers = [patient["identifier"][0] for patient in resources["Patient"]]
    numbers = [identifier["value"] for identifier in identifiers]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("999") and is_valid(number) for number in numbers)
    assert {identifier["system"] for identifier in identifiers} == {"https://fhir.nhs.uk/Id/nhs-number"}
    codes = {i["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] for i in identifiers}
    assert codes == {"01"}


def test_nothing_is_recorded_after_the_reference_date_or_before_birth(resources: Resources, summary: Summary) -> None:
    born = {f"Patient/{patient['id']}": patient["birthDate"] for patient in resources["Patient"]}
    dated = ("effectiveDateTime", "authoredOn", "performedDateTime", "occurrenceDateTime", "recordedDate")
    checked = 0
    for items in resources.values():
        for item in items:
            patient = (item.get("subject") or item.get("patient") or {}).get("reference")
            days = [item[name][:10] for name in dated if name in item]
            days += [day[:10] for day in item.get("period", {}).values()]
            for day in days if patient else ():
                checked += 1
                assert born[patient] <= day <= summary.as_of
    assert checked > 3000


def test_nothing_is_recorded_after_death(resources: Resources) -> None:
    died = {f"Patient/{p['id']}": p["deceasedDateTime"][:10] for p in resources["Patient"] if "deceasedDateTime" in p}
    assert died
    for request in resources["MedicationRequest"]:
        day = died.get(request["subject"]["reference"])
        if day:
            assert request["status"] == "completed"
            assert request["authoredOn"][:10] <= day


def test_profiles_are_those_of_uk_core(resources: Resources) -> None:
    base = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
    for name, items in resources.items():
        for item in items:
            if name == "OrganizationAffiliation":  # UK Core has none for it
                assert "meta" not in item
            else:
                assert item["meta"]["profile"] == [f"{base}{name}"]


def _primitives(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _primitives(f"{path}.{name}", item)
    elif isinstance(value, list):
        for item in value:
            yield from _primitives(path, item)
    else:
        yield path, value


def _verhoeff(digits: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = _VERHOEFF_PERMUTATION[value]
        check = _dihedral(check, value)
    return check == 0


def _dihedral(left: int, right: int) -> int:
    """The product in the dihedral group of the pentagon: 0 to 4 turn, 5 to 9 turn and flip."""
    if left < 5:
        return (left + right) % 5 + (5 if right >= 5 else 0)
    return (left - right) % 5 + (0 if right >= 5 else 5)


@pytest.mark.parametrize(("number", "valid"), [("59621000", True), ("59621001", False), ("88961000000101", False)])
def test_the_check_digit_is_verhoeffs(number: str, valid: bool) -> None:
    assert _verhoeff(number) is valid
