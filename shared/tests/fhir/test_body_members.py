"""A member that stands twice in one object is refused, however it is written; everything else is taken as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.fhir.body import parse, parse_again
from tandem.fhir.outcome import FhirError

spaces = st.sampled_from(["", "", " ", "\n\t", "\r\n"])
names = st.lists(st.sampled_from(["a", '"', "\\", ":", " ", "\n", '":', '\\":', "é"]), max_size=3).map("".join)
texts = st.builds(lambda name, ascii_only: json.dumps(name, ensure_ascii=ascii_only), names, st.booleans())


def written(members: list[tuple[str, str]], space: str) -> str:
    return "{" + ",".join(f"{space}{name}{space}:{space}{value}{space}" for name, value in members) + "}"


values = st.recursive(
    texts | st.sampled_from(["1", "null", "1.50"]),
    lambda inner: st.builds(written, st.lists(st.tuples(texts, inner), max_size=4), spaces)
    | st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
    max_leaves=20,
)


def repeats(text: str) -> bool:
    found: list[bool] = []

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found.append(len(dict(pairs)) < len(pairs))
        return dict(pairs)

    json.loads(text, object_pairs_hook=look)
    return any(found)


@given(values)
def test_a_member_that_stands_twice_is_found_whatever_surrounds_it(text: str) -> None:
    if repeats(text):
        with pytest.raises(FhirError, match="twice"):
            parse(text.encode())
    else:
        assert json.loads(text) == json.loads(json.dumps(parse(text.encode()), default=float))


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"\xff", b"[" * 5_000, b'{"resourceType":1}', b'{"a":1e999999999999}']
)
def test_what_was_never_taken_is_refused_the_second_time_too(raw: bytes) -> None:
    with pytest.raises(FhirError):
        parse_again(raw)
