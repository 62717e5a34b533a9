"""Codes and names of the duty register."""

from __future__ import annotations

from typing import Final

from tandem.canonical import BASE, TASK_KIND

DUTY: Final = "duty"
CHASE: Final = "chase"
"""Codes of Task.code in TASK_KIND."""
REQUIREMENT: Final = f"{BASE}/PlanDefinition/"
"""Beginning of the canonical of a requirement; its id and `|version` follow."""
REQUIREMENT_ID: Final = f"{BASE}/Id/requirement"
EVIDENCE_KIND: Final = f"{BASE}/CodeSystem/duty-evidence"
"""Task.output.type of a duty: `lead`, `document`, `meeting`, `training`, `figures`, `activity`, `decision`,
`statement`."""
EVIDENCE: Final = f"{BASE}/StructureDefinition/duty-evidence"
"""Extension on Task.output: `date` (what it is of), `until` (as long as it holds), `by` (Reference, who gave it)."""
COMMUNICATION_KIND: Final = f"{BASE}/CodeSystem/communication-kind"
"""Communication.category: `duty-reminder`."""
KIND_SYSTEM: Final = TASK_KIND
