"""A statement about a medicine changes what a person takes, and others want to know."""

from __future__ import annotations

from careplan_service.domain.current_medicines import medicine
from tandem.service import Change, Work

CHANGED = "tandem.medicines.changed"


async def tell_medicine(change: Change, work: Work) -> None:
    """Say once for each version that a person's medicines may be others than before."""
    statement = change.after or change.before
    if statement is None or change.patient is None:
        return
    system, code = medicine(statement)
    status = str(statement.get("status")) if change.after is not None else "deleted"
    # A deletion is the version after the last one.
    version = int(statement["meta"]["versionId"]) + (change.after is None)
    data = {
        "patient": f"Patient/{change.patient}", "statement": f"MedicationStatement/{change.id}", "status": status,
        "medicine": {"system": system, "code": code}, "version": version,
    }  # fmt: skip
    await work.emit(CHANGED, data, key=f"{change.id}/{data['version']}", patient=change.patient)
