"""What is in force, kept beside the Parquet files: the statements over them need no database any more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import parse_definition
from cohort_service.selection.selection import Selection, Variant

FILE = "selection.json"


def write_selection(folder: Path, selection: Selection, as_of: date) -> None:
    """Keep the selection that is in force on `as_of`."""
    kept = {
        "asOf": as_of.isoformat(),
        "definitions": [_definition(each) for each in selection.definitions.values()],
        "valueSets": {name: list(numbers) for name, numbers in selection.value_sets.items()},
        "groups": {name: list(sets) for name, sets in selection.groups.items()},
        "variants": [
            {**_definition(each.definition), "cohort": each.cohort, "practices": list(each.practices)}
            for each in selection.variants
        ],
        "switchedOn": {cohort: list(practices) for cohort, practices in selection.switched_on.items()},
        "titles": dict(selection.titles),
    }
    (folder / FILE).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_selection(folder: Path) -> tuple[Selection, date]:
    """The selection and the day it was in force on. Raises OSError where there is none, DefinitionError, ValueError."""
    kept = json.loads((folder / FILE).read_text("utf-8"))
    definitions = [_parsed(each) for each in kept["definitions"]]
    selection = Selection(
        {each.id: each for each in definitions},
        {name: tuple(numbers) for name, numbers in kept["valueSets"].items()},
        {name: tuple(sets) for name, sets in kept["groups"].items()},
        tuple(Variant(each["cohort"], _parsed(each), tuple(each["practices"])) for each in kept["variants"]),
        {cohort: tuple(practices) for cohort, practices in kept["switchedOn"].items()},
        kept["titles"],
    )
    return selection, date.fromisoformat(kept["asOf"])


def _definition(definition: CohortDefinition) -> dict[str, Any]:
    return {"id": definition.id, "parameters": dict(definition.parameters), "text": definition.text}


def _parsed(kept: Mapping[str, Any]) -> CohortDefinition:
    return parse_definition(kept["text"], f"{kept['id']}.yaml", parameters=kept["parameters"], held=True)
