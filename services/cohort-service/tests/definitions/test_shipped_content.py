"""The shipped definitions and value sets are sound: they parse, refer to what exists, and say where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from render_cohorts import page

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import check_definitions
from cohort_service.domain.definition_language.references import references_of
from tandem.canonical import DMD
from tandem.nhs.value_set import ValueSet, heading_faults, member_fault
from tandem.synth.formulary import FORMULARY
from tandem.synth.problems import FRAILTY, PROBLEMS

Definitions = dict[str, CohortDefinition]
Sets = dict[str, ValueSet]
ROOT = Path(__file__).resolve().parents[4]
EFI_DEFICITS = 35
_PARAGRAPH = re.compile(r"\d\.\d|section|\bNHS (breast|bowel|cervical)|doi 10\.")

# What the synthetic network writes and no definition asks for.
NOT_ASKED_FOR = {"gout", "reflux", "migraine", "eczema", "rhinitis"}

NOT_USED_YET = {"medicines-use-review"}
"""Shipped for a policy that is off: to keep people off who had such a review (SMR-059)."""


@pytest.fixture
def requirement_ids() -> set[str]:
    return {row["id"] for row in yaml.safe_load((ROOT / "docs" / "requirements.yaml").read_text("utf-8"))}


def test_all_refer_to_what_exists(shipped: Definitions, shipped_sets: Sets) -> None:
    groups = {value_set.group for value_set in shipped_sets.values() if value_set.group}
    check_definitions(shipped.values(), shipped_sets, groups)


def test_every_code_is_a_possible_one(shipped_sets: Sets) -> None:
    for value_set in shipped_sets.values():
        assert heading_faults(value_set) == []
        assert [member for member in value_set.members if member_fault(member)] == [], value_set.id


def test_every_value_set_is_used(shipped: Definitions, shipped_sets: Sets) -> None:
    used = {name for definition in shipped.values() for name in references_of(definition).value_sets}
    groups = {group for definition in shipped.values() for group in references_of(definition).groups}
    unused = {name for name, each in shipped_sets.items() if name not in used and each.group not in groups}
    # Those of the kernel are for several services, and need not be asked for by lists.
    shared = {file.name.removesuffix(".json") for file in files("tandem.nhs").joinpath("value_sets").iterdir()}
    assert unused - shared == (NOT_USED_YET | {"died-in-care-home"}) - shared, "that one ends stays, weighed before"


def test_every_requirement_exists(shipped: Definitions, requirement_ids: set[str]) -> None:
    for definition in shipped.values():
        assert definition.requirements, definition.id
        assert requirement_ids.issuperset(definition.requirements), definition.id


def test_every_source_names_a_paragraph(shipped: Definitions) -> None:
    assert [each.id for each in shipped.values() if not _PARAGRAPH.search(each.source)] == []


def test_numbers_of_ours_are_said_to_be_ours(shipped: Definitions) -> None:
    given = {"smr-polypharmacy"}
    ours = [each for each in shipped.values() if each.parameters and each.id not in given]
    assert [each.id for each in ours if "ours" not in each.description] == [], "every parameter but ten medicines"


def test_the_frailty_index_has_its_deficits(shipped_sets: Sets) -> None:
    deficits = [each for each in shipped_sets.values() if each.group == "efi"]
    assert len(deficits) == EFI_DEFICITS
    assert all("loaded at deployment" in each.source for each in deficits)


def test_what_the_synthetic_network_writes_is_known(shipped_sets: Sets) -> None:
    known = {(member.system, member.code) for each in shipped_sets.values() for member in each.members}
    problems = {key: problem.code for key, problem in PROBLEMS.items() if key not in NOT_ASKED_FOR}
    for name, code in {**problems, **FRAILTY}.items():
        assert set(_codings(code)) & known, name
    assert any((DMD, medicine.code) in known for medicine in FORMULARY.values())


def _codings(concept: dict[str, object]) -> Iterator[tuple[object, object]]:
    codings = concept["coding"]
    assert isinstance(codings, list)
    for coding in codings:
        yield coding["system"], coding["code"]


def test_the_page_of_cohorts_is_what_the_definitions_give() -> None:
    assert (ROOT / "docs" / "cohorts.md").read_text("utf-8") == page()
