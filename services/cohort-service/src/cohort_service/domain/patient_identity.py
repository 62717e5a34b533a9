"""How a Patient is identified: by one valid NHS number, and organisations by ODS codes under the right system.

https://www.datadictionary.nhs.uk/attributes/nhs_number.html (no text here ever repeats a number)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.canonical import NHS_NUMBER, ODS_CODE
from tandem.fhir.outcome import Issue
from tandem.nhs.nhs_number import is_valid
from tandem.nhs.ods import MISSPELT_SYSTEM
from tandem.service import Change


def nhs_numbers_are_valid(change: Change) -> Iterator[Issue]:
    """Each NHS number has ten digits with a right check digit, and a Patient has one at most."""
    numbers = [
        (place, identifier)
        for place, identifier in enumerate((change.after or {}).get("identifier") or ())
        if identifier.get("system") == NHS_NUMBER and "value" in identifier
    ]
    for place, identifier in numbers:
        if not is_valid(str(identifier["value"]).replace(" ", "")):
            yield Issue(
                "This is not a valid NHS number: ten digits with a right modulus 11 check digit are expected",
                f"{change.type}.identifier[{place}].value", "value",
            )  # fmt: skip
    current = {str(each["value"]).replace(" ", "") for _, each in numbers if each.get("use") != "old"}
    if len(current) > 1:
        yield Issue("A Patient has one NHS number; mark a superseded one with use 'old'", f"{change.type}.identifier")


def ods_system_is_spelt_with_z(change: Change) -> Iterator[Issue]:
    """The common misspelling of the ODS system would make one organisation two."""
    for expression, identifier in _identifiers(change.after, change.type):
        if identifier.get("system") == MISSPELT_SYSTEM:
            yield Issue(f"The ODS system is {ODS_CODE} (with a z)", f"{expression}.system", "value")


def _identifiers(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Identifier below a value: members called `identifier`, single or repeated."""
    if isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _identifiers(entry, f"{path}[{place}]")
    elif isinstance(value, dict):
        for name, child in value.items():
            below = f"{path}.{name}"
            if name == "identifier":
                entries = [(below, child)] if isinstance(child, dict) else [
                    (f"{below}[{place}]", entry) for place, entry in enumerate(child)
                ]  # fmt: skip
                yield from ((at, entry) for at, entry in entries if isinstance(entry, dict))
            elif isinstance(child, dict | list):
                yield from _identifiers(child, below)
