"""Which of two versions is the later one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.versions import is_version, later, newest


@pytest.mark.parametrize(
    ("earlier", "afterwards"),
    [("1", "2"), ("1.9", "1.10"), ("2020-07", "2021-04"), ("1.0", "1.0.1"), ("2023-24", "2024-25"), ("1", "1-draft")],
)
def test_versions_are_ordered_as_people_read_them(earlier: str, afterwards: str) -> None:
    assert later(earlier) < later(afterwards)
    assert newest([afterwards, earlier]) == afterwards


@given(st.lists(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,8}", fullmatch=True), min_size=1, max_size=6))
def test_the_newest_does_not_depend_on_the_order_in_which_they_came(versions: list[str]) -> None:
    assert newest(versions) == newest(sorted(versions)) == newest(versions[::-1])
    assert all(is_version(version) for version in versions)


@pytest.mark.parametrize("text", ["", " 1", "1 2", "v/1", "x" * 33, ".1"])
def test_other_texts_are_no_versions(text: str) -> None:
    assert not is_version(text)
