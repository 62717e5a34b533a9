"""The value sets that come with the product: those that several services ask for, and those of one service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain
from typing import Final

from tandem.nhs.value_set import ValueSet, value_set_of

_FOLDER: Final = "value_sets"
_SHARED: Final = "tandem.nhs"


def value_sets_of(package: str) -> Iterator[ValueSet]:
    """Those of the folder `value_sets` of a service's package and the shared ones of this one, ordered by file name.

    Raises ValueError or KeyError for a file that is wrong, and ValueError for an id that both folders have.
    """
    names: set[str] = set()
    folders = (files(each).joinpath(_FOLDER) for each in (package, _SHARED))
    held = chain.from_iterable(folder.iterdir() for folder in folders if folder.is_dir())
    for file in sorted((each for each in held if each.name.endswith(".json")), key=lambda each: each.name):
        if file.name in names:
            raise ValueError(f"the value set {file.name} is shared, and {package} must not have its own")
        names.add(file.name)
        yield value_set_of(json.loads(file.read_text("utf-8")))


def value_set_shared(name: str) -> ValueSet:
    """One of the shared ones. Raises FileNotFoundError when there is none of that name."""
    return value_set_of(json.loads(files(_SHARED).joinpath(_FOLDER, f"{name}.json").read_text("utf-8")))
