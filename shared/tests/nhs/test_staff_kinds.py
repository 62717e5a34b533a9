"""From the codes of a PractitionerRole to the kind of professional."""

from __future__ import annotations

import pytest

from tandem.canonical import SNOMED_CT, STAFF_KIND
from tandem.directory.queries import Coded
from tandem.nhs.snomed_ct import concept_fault
from tandem.nhs.staff_kinds import SDS_JOB_ROLES, _codings, kind_names, staff_kinds


@pytest.mark.parametrize(
    ("system", "code", "kinds"),
    [
        (STAFF_KIND, "community-nurse", {"community-nurse"}),
        (STAFF_KIND, "sorcerer", set()),
        (SDS_JOB_ROLES[0], "R0260", {"gp"}),
        (SDS_JOB_ROLES[1], "S0030:G0100:R0260", {"gp"}),
        (SNOMED_CT, "36682004", {"physiotherapist"}),
        ("https://elsewhere.example", "R0260", set()),
        (None, "gp", set()),
        (STAFF_KIND, None, set()),
    ],
)
def test_a_code_says_a_kind(system: str | None, code: str | None, kinds: set[str]) -> None:
    assert staff_kinds([Coded(system, code, None)]) == kinds


def test_what_is_shipped_names_known_kinds_and_real_ids() -> None:
    assert set(_codings().values()) <= kind_names().keys()
    assert not any(concept_fault(code) for system, code in _codings() if system == "sct")
