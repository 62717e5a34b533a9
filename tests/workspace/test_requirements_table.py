"""The requirement table says of each id what the whole run showed, and does not change with the order of the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from requirements_table import IncompleteRun, outcomes_by_id, render

from tandem_tests.catalogue import Catalogue

CATALOGUE = Catalogue({"A-1": "one | two", "A-2": "b", "A-3": "c", "A-4": "d"}, {})
TESTS = [
    {"id": "t.py::shows[x]", "outcome": "passed", "requirements": ["A-1"]},
    {"id": "t.py::shows[y]", "outcome": "passed", "requirements": ["A-1"]},
    {"id": "t.py::fails", "outcome": "failed", "requirements": ["A-2"]},
    {"id": "t.py::shows", "outcome": "passed", "requirements": ["A-2"]},
    {"id": "t.py::skips", "outcome": "skipped", "requirements": ["A-3"]},
    {"id": "t.py::plain", "outcome": "passed", "requirements": []},
]


def results(folder: Path, tests: list[dict[str, object]], *, complete: bool = True) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps({"complete": complete, "tests": tests}))
    return path


def test_each_state(tmp_path: Path) -> None:
    page = render(CATALOGUE, outcomes_by_id(results(tmp_path, TESTS)))
    assert page.splitlines()[-6:] == [
        "| id | state | tests | text |",
        "|---|---|---|---|",
        "| A-1 | shown | `t.py::shows` | one \\| two |",
        "| A-2 | failing | `t.py::fails`<br>`t.py::shows` | b |",
        "| A-3 | partly run | `t.py::skips` | c |",
        "| A-4 | not shown |  | d |",
    ]
    assert "4 requirements: 1 shown, 1 failing, 1 partly run, 1 not shown." in page


def test_the_order_of_the_tests_does_not_matter(tmp_path: Path) -> None:
    pages = {render(CATALOGUE, outcomes_by_id(results(tmp_path, tests))) for tests in (TESTS, TESTS[::-1])}
    assert len(pages) == 1


def test_a_part_of_the_tests_makes_no_table(tmp_path: Path) -> None:
    with pytest.raises(IncompleteRun):
        outcomes_by_id(results(tmp_path, TESTS, complete=False))


def test_the_catalogue_can_be_read(pytestconfig: pytest.Config) -> None:
    catalogue = Catalogue.read(pytestconfig.rootpath / "docs" / "requirements.yaml")
    assert len(catalogue.rows) == 612
    assert catalogue.group("PCN-001") == "PCN-001"


@pytest.mark.parametrize("text", ["- {id: A, text: a}\n- {id: A, text: b}", "- {id: A, text: a, same_as: B}"])
def test_a_catalogue_that_contradicts_itself_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "requirements.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"stands twice|same_as"):
        Catalogue.read(path)
