"""Real records and official examples: all that is valid is accepted, all that was broken on purpose is refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tandem.fhir.body import parse
from tandem.fhir.outcome import FhirError
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.validation import Validator
from tandem.fhir.validation import validator as make

TYPES = {*OWNER, *KERNEL_TYPES}

# Official examples that do break R4 4.0.1, and where.
BROKEN = {
    # The performer of a dispense is an Organization; the example names a Practitioner.
    "MedicationRequest-medrx0301.json": {"MedicationRequest.dispenseRequest.performer.reference"},
    # The performer of an observation is no Encounter.
    "Observation-clinical-gender.json": {"Observation.performer[0].reference"},
    # Items without the linkId that is required of them; every fault ends in that name.
    "Questionnaire-qs1.json": {"linkId"},
}


def resources(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The resource, if its type is one of ours, and those in it if it is a Bundle."""
    if value["resourceType"] in TYPES:
        yield value
    for entry in value.get("entry", ()) if value["resourceType"] == "Bundle" else ():
        yield from resources(entry["resource"]) if "resource" in entry else ()


def refused(validator: Validator, lines: Iterator[bytes]) -> tuple[int, list[str]]:
    """How many resources of ours there are, and what is said of those that are refused."""
    seen, told = 0, []
    for line in lines:
        for resource in resources(parse(line)):
            seen += 1
            told += [f"{issue.expression}: {issue.text}" for issue in validator.validate(resource)]
    return seen, told


def test_official_examples_are_accepted(validator: Validator, shared_data: Path) -> None:
    seen = 0
    for path in sorted((shared_data / "hl7-r4-examples").glob("*/*.json")):
        for resource in resources(parse(path.read_bytes())):
            seen += 1
            found = {issue.expression or "" for issue in validator.validate(resource)}
            known = BROKEN.get(path.name, set())
            assert found == known or (found and known == {one.rsplit(".", 1)[1] for one in found}), path.name
    assert seen > 300


def test_synthetic_records_in_bundles_are_accepted(shared_data: Path) -> None:
    files = [path.read_bytes() for path in sorted((shared_data / "synthea").glob("*/*.json"))]
    seen, told = refused(make(), iter(files))
    assert told == []
    assert seen > 2_000


def test_synthetic_records_in_lines_are_accepted(shared_data: Path) -> None:
    files = sorted((shared_data / "synthea").glob("*/*.ndjson"))
    seen, told = refused(make(), (line for path in files for line in path.read_bytes().splitlines()))
    assert told == []
    assert seen > 5_000


def test_a_sample_of_synthetic_records_is_accepted_by_either_engine(validator: Validator, shared_data: Path) -> None:
    lines = (
        line
        for path in sorted((shared_data / "synthea").glob("*/*.ndjson"))
        for line in path.read_bytes().splitlines()[:40]
    )
    seen, told = refused(validator, lines)
    assert told == []
    assert seen > 300


def test_broken_examples_are_refused_for_their_fault(validator: Validator, shared_data: Path) -> None:
    codes = {
        "unknown-element": "structure", "bad-id": "value", "bad-date": "value", "extension-no-value": "invariant",
        "narrative-no-div": "required", "narrative-script": "invariant", "required-binding": "code-invalid",
        "reference-target": "value",
    }  # fmt: skip
    with (shared_data / "invalid" / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = [row for row in csv.DictReader(manifest, delimiter="\t") if row["type"] in TYPES]
    for row in rows:
        raw = (shared_data / "invalid" / row["file"]).read_bytes()
        issues = validator.validate(parse(raw), raw)
        assert codes.get(row["kind"], "invariant") in {issue.code for issue in issues}, row["file"]
    assert len(rows) > 100


def test_invalid_primitive_values_are_refused(validator: Validator, shared_data: Path) -> None:
    lines = (shared_data / "invalid" / "wrapped-patients.ndjson").read_bytes().splitlines()
    for line in lines:
        try:
            patient = parse(line)
        except FhirError:
            continue  # Some lines are no JSON at all.
        assert validator.validate(patient, line), patient["id"]
    assert len(lines) > 80


def test_valid_primitive_values_are_accepted(validator: Validator, shared_data: Path) -> None:
    lines = (shared_data / "invalid" / "wrapped-valid-patients.ndjson").read_bytes().splitlines()
    assert [line for line in lines if validator.validate(parse(line), line)] == []
    assert len(lines) > 30


@pytest.mark.parametrize("name", ["Patient", "Task", "CarePlan", "Observation"])
def test_both_engines_tell_the_same_of_broken_examples(name: str, shared_data: Path) -> None:
    one, other = make("fhirkit"), make("fhir.resources")
    files = sorted((shared_data / "invalid" / name).glob("*.json"))
    for path in files:
        resource = parse(path.read_bytes())
        assert one.validate(resource) == other.validate(resource), path.name
    assert files
