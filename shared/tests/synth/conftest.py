"""A small synthetic network, generated once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tandem.fhir.body import parse_resource
from tandem.synth import Summary, generate

Resources = dict[str, list[dict[str, Any]]]
PATIENTS, PRACTICES, SEED = 300, 3, 7


@pytest.fixture(scope="session")
def network_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("network")


@pytest.fixture(scope="session")
def summary(network_folder: Path) -> Summary:
    return generate(PATIENTS, PRACTICES, SEED, network_folder)


@pytest.fixture(scope="session")
def network_lines(summary: Summary, network_folder: Path) -> dict[str, list[bytes]]:
    """The lines of each file, by type."""
    return {path.stem: path.read_bytes().splitlines() for path in sorted(network_folder.glob("*.ndjson"))}


@pytest.fixture(scope="session")
def resources(network_lines: dict[str, list[bytes]]) -> Resources:
    """The resources by type."""
    return {name: [parse_resource(line) for line in lines] for name, lines in network_lines.items()}


@pytest.fixture(scope="session")
def walk() -> Callable[[Any], list[dict[str, Any]]]:
    """Every object within a value, itself included."""

    def objects(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return [found for item in value for found in objects(item)]
        if isinstance(value, dict):
            return [value, *(found for item in value.values() for found in objects(item))]
        return []

    return objects
