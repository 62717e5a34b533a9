"""The value sets that come with the product."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tandem.nhs.value_set_folder import value_sets_of

_BODY = {
    "version": "1", "title": "A set", "source": "A test",
    "members": [{"system": "http://snomed.info/sct", "code": "73211009", "display": "Diabetes mellitus"}],
}  # fmt: skip


def _package(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, *ids: str) -> str:
    sets = folder / name / "value_sets"
    sets.mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    for each in ids:
        (sets / f"{each}.json").write_text(json.dumps({"id": each, **_BODY}))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_a_service_has_its_own_value_sets_and_the_shared_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _package(tmp_path, monkeypatch, "service_with_sets", "aaa-first", "zzz-last")
    found = [each.id for each in value_sets_of(package)]
    assert found == sorted(found)
    assert {"aaa-first", "zzz-last", "opioid", "end-of-life"} <= set(found)


def test_a_shared_value_set_is_held_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _package(tmp_path, monkeypatch, "service_with_a_copy", "opioid")
    with pytest.raises(ValueError, match=r"opioid\.json is shared"):
        list(value_sets_of(package))


def test_a_service_without_a_folder_has_the_shared_ones() -> None:
    assert "opioid" in {each.id for each in value_sets_of("tandem.printing")}
