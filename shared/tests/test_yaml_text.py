"""Our YAML is plain values, read and written as PyYAML's own reader and writer do it, only faster."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from tandem.yaml_text import dump_flow, load_yaml


def shipped() -> Iterator[Path]:
    yield from Path(str(files("tandem"))).rglob("*.yaml")


def test_what_ships_is_read_alike() -> None:
    texts = [path.read_text(encoding="utf-8") for path in shipped()]
    assert texts
    for text in texts:
        assert load_yaml(text) == yaml.safe_load(text)


def test_a_value_is_written_alike() -> None:
    value = {"b": [1, "two words, and a comma"], "a": {"text": "x: y", "none": None, "long": "word " * 40}, "é": "#1"}
    assert dump_flow(value) == yaml.safe_dump(value, sort_keys=False, default_flow_style=True)
    assert load_yaml(dump_flow(value)) == value


@pytest.mark.parametrize("text", ["a: [", "!!python/object/apply:os.getcwd []", "a: 1\n---\nb: 2"])
def test_what_is_no_plain_document_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)
