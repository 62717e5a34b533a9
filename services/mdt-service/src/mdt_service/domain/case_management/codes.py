"""Codes of what Tasks of case management hold."""

from __future__ import annotations

from typing import Any, Final

from tandem.canonical import BASE
from tandem.fhir.body import Resource

CASE_MANAGEMENT: Final = f"{BASE}/CodeSystem/case-management"
"""Task.output.type and Task.input.type: `decision`, `note`, `reviewed`, `level`, `contact-days`, `contact-minutes`,
`interval-weeks`, `agreed-with`, `coordinator`, `process`, `process-task`."""


def output_of(code: str, **value: Any) -> dict[str, Any]:
    """An input or output of this code."""
    return {"type": {"coding": [{"system": CASE_MANAGEMENT, "code": code}]}, **value}


def value_of(task: Resource, code: str, element: str = "output") -> Any:
    """The value of the first input or output of this code; None without one."""
    for each in task.get(element) or ():
        codings = (each.get("type") or {}).get("coding") or ()
        if any((one.get("system"), one.get("code")) == (CASE_MANAGEMENT, code) for one in codings):
            return next((value for key, value in each.items() if key.startswith("value")), None)
    return None


def output_text(task: Resource, code: str) -> str | None:
    """The same as a text."""
    found = value_of(task, code)
    return str(found) if found is not None else None
