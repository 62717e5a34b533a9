"""docs/states is what the tables in code say."""

from __future__ import annotations

import re

import pytest
from render_states import STATES, pages


def test_the_pages_are_those_of_the_tables() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in STATES.glob("*.md")}
    assert kept == pages(), "run `make documents`"


@pytest.mark.parametrize("name", sorted(name for name in pages() if name != "README.md"))
def test_a_diagram_draws_its_table(name: str) -> None:
    page = pages()[name]
    names = {node: state for state, node in re.findall(r'state "([a-z-]+)" as (\w+)', page)}
    drawn = {
        (names.get(before, before), names.get(after, after))
        for before, after in re.findall(r"^    (\w+) --> (\w+)$", page, re.MULTILINE)
    }
    rows = re.findall(r"^\| ([a-z-]+) \| ([a-z, -]+) \|$", page, re.MULTILINE)
    tabled = {(before, after) for before, following in rows if before != "from" for after in following.split(", ")}
    assert drawn == {
        (before, after) for before, after in tabled if "entered-in-error" not in (before, after) and after != "nothing"
    }
