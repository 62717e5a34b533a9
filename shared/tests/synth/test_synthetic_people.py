"""The people of a synthetic network: repeatable, believable, and written one at a time."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tandem.cli.synth import synth
from tandem.synth import Summary, generate
from tandem.synth.datatypes import age_on
from tandem.synth.organisations import build_network
from tandem.synth.population import AS_OF, records
from tandem.synth.protagonist import people
from tandem.synth.workforce import staff

Resources = dict[str, list[dict[str, Any]]]
SMR_MEDICINES = 10


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_arguments_give_the_same_bytes(network_folder: Path, summary: Summary, tmp_path: Path) -> None:
    assert generate(300, 3, 7, tmp_path) == summary
    assert _bytes(tmp_path) == _bytes(network_folder)


def test_another_seed_is_another_network(resources: Resources, tmp_path: Path) -> None:
    other = generate(20, 3, 8, tmp_path)
    lines = (tmp_path / "Patient.ndjson").read_bytes()
    assert not any(patient["identifier"][0]["value"].encode() in lines for patient in resources["Patient"])
    assert not any(patient["id"].encode() in lines for patient in resources["Patient"])
    assert other.network_code != ""


def test_a_later_run_leaves_nothing_of_an_earlier_one(tmp_path: Path) -> None:
    generate(40, 2, 1, tmp_path)
    (tmp_path / "Flag.ndjson").write_text("{}")
    generate(1, 1, 1, tmp_path)
    alone = tmp_path / "alone"
    generate(1, 1, 1, alone)
    assert {path.name for path in tmp_path.glob("*.*")} == {path.name for path in alone.iterdir()}


def test_the_reference_date_moves_everything(tmp_path: Path) -> None:
    summary = generate(5, 1, 1, tmp_path, date(2024, 2, 29))
    assert summary.protagonist.age == 86
    assert summary.protagonist.admitted == "2024-02-24"


def test_only_files_that_load_and_a_summary_are_written(network_folder: Path, summary: Summary) -> None:
    names = {path.name for path in network_folder.iterdir()}
    assert names == {f"{name}.ndjson" for name in summary.counts} | {"SUMMARY.txt"}
    assert (network_folder / "SUMMARY.txt").read_text() == summary.text()


def test_the_old_have_more_records_than_the_young(resources: Resources, summary: Summary) -> None:
    counts: Counter[str] = Counter()
    for items in resources.values():
        counts.update(item["subject"]["reference"] for item in items if "subject" in item)
    as_of = date.fromisoformat(summary.as_of)
    by_age: dict[bool, list[int]] = {True: [], False: []}
    for patient in resources["Patient"]:
        age = age_on(date.fromisoformat(patient["birthDate"]), as_of)
        if age >= 75 or age < 40:
            by_age[age >= 75].append(counts[f"Patient/{patient['id']}"])
    old, young = (sum(found) / len(found) for found in (by_age[True], by_age[False]))
    assert old > 25
    assert young < 10
    assert 12 <= summary.resources / summary.patients <= 25


def test_prevalences_follow_age() -> None:
    network = build_network(patients=4000, practices=4, seed=5, as_of=AS_OF)
    list(staff(network, patients=4000))
    drawn = list(people(network, patients=4000))
    over_75 = [person for person in drawn if person.age >= 75]
    assert 0.065 <= len(over_75) / len(drawn) <= 0.11
    residents = [person for person in over_75 if person.home]
    assert 0.01 <= len(residents) / len(over_75) <= 0.06
    assert all(person.frailty in ("moderate", "severe") for person in residents)
    assert not any(person.frailty != "fit" for person in drawn if person.age < 65)


def test_residents_are_coded_and_placed(resources: Resources, summary: Summary) -> None:
    homes = {f"Organization/{home.id}" for home in summary.care_homes}
    episodes = {e["patient"]["reference"]: e for e in resources["EpisodeOfCare"]}
    assert {episode["managingOrganization"]["reference"] for episode in episodes.values()} <= homes
    coded = {
        item["subject"]["reference"]
        for item in resources["Observation"]
        if item["code"]["coding"][0]["code"] in ("160734000", "394923006")
    }
    assert coded == episodes.keys()


def test_some_take_ten_medicines_and_nobody_takes_one_twice() -> None:
    network = build_network(patients=2500, practices=1, seed=2, as_of=AS_OF)
    list(staff(network, patients=2500))
    most = 0
    for person in islice(people(network, patients=2500), 1, None):
        codes = [
            resource["medicationCodeableConcept"]["coding"][0]["code"]
            for resource in records(person, network)
            if resource["resourceType"] == "MedicationRequest" and resource["dispenseRequest"]["numberOfRepeatsAllowed"]
        ]
        assert len(codes) == len(set(codes)) == person.medicines
        most = max(most, len(codes))
    assert most >= SMR_MEDICINES


def test_the_protagonist(resources: Resources, summary: Summary) -> None:
    her = summary.protagonist
    patient = next(item for item in resources["Patient"] if item["id"] == her.patient_id)
    assert patient["identifier"][0]["value"] == her.nhs_number
    assert (her.age, her.practice_code) == (86, summary.practice_codes[0])
    assert age_on(date.fromisoformat(patient["birthDate"]), AS_OF) == 86
    about_her = [
        item
        for items in resources.values()
        for item in items
        if (item.get("subject") or item.get("patient") or {}).get("reference") == f"Patient/{her.patient_id}"
    ]
    medicines = {
        item["medicationCodeableConcept"]["text"]
        for item in about_her
        if item["resourceType"] == "MedicationRequest" and item["status"] == "active"
    }
    conditions = {item["code"]["coding"][0]["code"] for item in about_her if item["resourceType"] == "Condition"}
    episode = next(item for item in about_her if item["resourceType"] == "EpisodeOfCare")
    assert len(medicines) == her.medicines == 14
    assert {"925861000000102", "52448006", "279992002"} <= conditions
    assert episode["managingOrganization"]["reference"] == f"Organization/{her.care_home_id}"
    assert episode["period"] == {"start": "2020-06-26"}


def test_memory_does_not_grow_with_the_network(tmp_path: Path) -> None:
    peaks = []
    for patients in (50, 1000):
        tracemalloc.start()
        generate(patients, 2, 1, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Buffers of the files and little else: 1,000 people are some ten megabytes on disk.
    assert peaks[1] < peaks[0] + 3_000_000


def test_the_command_writes_and_prints(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    result = CliRunner().invoke(synth, ["--patients", "3", "--practices", "2", "--seed", "4", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert result.output == (out / "SUMMARY.txt").read_text()
    assert len((out / "Patient.ndjson").read_bytes().splitlines()) == 3
    assert CliRunner().invoke(synth, ["--patients", "0", "--out", str(out)]).exit_code == 2
