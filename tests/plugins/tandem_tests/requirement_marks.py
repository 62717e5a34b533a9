"""Which requirements a test shows: `@pytest.mark.requirement("AC-001")`.

A test carries one id, or several that the catalogue ties together by `same_as`. A test that is parametrised by
requirement id names them all in its mark, or none, and each of its cases counts for the ids in the case's own id.
Anything else, and any id that the catalogue does not have, fails the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tandem_tests.catalogue import Catalogue

PROPERTY = "requirement"
"""The name under which a test's report carries an id it shows."""
ID = re.compile(r"(?<![A-Z])[A-Z]{2,5}-\d{3}(?!\d)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("requirement")]
    if not marked:
        return
    catalogue = Catalogue.read(Path(config.rootpath) / "docs" / "requirements.yaml")
    faults = []
    for item in marked:
        ids = ids_of(item)
        faults += [f"{item.nodeid}: {fault}" for fault in faults_of(ids, catalogue)]
        item.user_properties += [(PROPERTY, requirement) for requirement in ids]
    if faults:
        raise pytest.UsageError("requirement marks:\n" + "\n".join(faults))


def ids_of(item: pytest.Item) -> list[str]:
    """The ids the test shows, in order: those its marks name, or the part of them that its case's own id names."""
    marked = {str(argument) for mark in item.iter_markers("requirement") for argument in mark.args}
    callspec = getattr(item, "callspec", None)
    of_case = set(ID.findall(callspec.id)) if callspec is not None else set()
    return sorted((of_case & marked or marked) if marked else of_case)


def faults_of(ids: Iterable[str], catalogue: Catalogue) -> list[str]:
    """What is wrong with a test's ids, in words."""
    ids = list(ids)
    if not ids:
        return ["names no id"]
    unknown = [requirement for requirement in ids if requirement not in catalogue.rows]
    if unknown:
        return [f"{requirement} is not in docs/requirements.yaml" for requirement in unknown]
    if len({catalogue.group(requirement) for requirement in ids}) > 1:
        return [f"{', '.join(ids)} are not tied by same_as: one test shows one requirement"]
    return []
