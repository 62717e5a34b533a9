"""The definitions that the service ships with, one a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.faults import DefinitionFault
from metrics_service.domain.measures.reading import Reading
from tandem.yaml_text import load_yaml


@cache
def shapes() -> Mapping[str, Mapping[str, Any]]:
    """What each file holds, by the id of the measure. Raises DefinitionFault naming the file."""
    found: dict[str, Mapping[str, Any]] = {}
    folder = files("metrics_service").joinpath("definitions")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            try:
                shape = load_yaml(file.read_text("utf-8"))
            except yaml.YAMLError as error:
                raise DefinitionFault(file.name, str(error)) from error
            name = file.name.removesuffix(".yaml")
            if not isinstance(shape, dict) or shape.get("id") != name:
                raise DefinitionFault(file.name, f"has to hold the measure {name}")
            found[name] = shape
    return found


@cache
def definitions() -> Mapping[str, Definition]:
    """All of them, by id. Raises DefinitionFault naming the file and the place in it."""
    return {name: _read(name, shape) for name, shape in shapes().items()}


def definition_with(name: str, parameters: Mapping[str, float], groups: Iterable[str] = ()) -> Definition:
    """A measure with other parameters, to see what it would have meant, or for other lists. Raises DefinitionFault."""
    return Reading(shapes()[name], parameters, groups).definition()


def _read(name: str, shape: Mapping[str, Any]) -> Definition:
    try:
        return Reading(shape).definition()
    except DefinitionFault as fault:
        raise DefinitionFault(f"{name}.yaml", str(fault)) from fault
