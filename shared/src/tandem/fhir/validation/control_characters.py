"""Characters below U+0020 that FHIR strings must not hold: all but tab, line feed and carriage return.

In JSON they stand only as escapes, so one look at the bytes tells whether the strings need to be searched at all.
"""

from __future__ import annotations

import re
from typing import Any

from tandem.fhir.validation.fault import Fault, prefix
from tandem.fhir.validation.names import segment_of

_escape = re.compile(rb"\\(?:u00[01]|[bf])").search
_character = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]").search


def find(resource: dict[str, Any], raw: bytes) -> list[Fault]:
    """A fault for every string that holds one. `raw` is the JSON text `resource` was parsed from."""
    faults: list[Fault] = []
    if _escape(raw):
        _search(resource, faults)
    return faults


def _search(value: Any, faults: list[Fault]) -> None:
    if isinstance(value, str):
        if _character(value):
            faults.append(Fault("The text holds a control character; only tab and line ends are allowed", "value"))
    elif isinstance(value, dict):
        for name, item in value.items():
            before = len(faults)
            if isinstance(item, list):
                _search_list(name, item, faults)
            else:
                _search(item, faults)
                prefix(faults, before, segment_of(name))


def _search_list(name: str, items: list[Any], faults: list[Fault]) -> None:
    for index, item in enumerate(items):
        before = len(faults)
        _search(item, faults)
        prefix(faults, before, f"{segment_of(name)}[{index}]")
