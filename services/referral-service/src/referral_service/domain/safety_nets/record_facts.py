"""What Appointments, DiagnosticReports and the request itself say of a net."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final

from referral_service.domain.safety_nets.agreed_review import agreed_review
from referral_service.domain.safety_nets.codes import (
    AGREED,
    APPOINTMENT,
    CALLED_OFF,
    CAME,
    INFORMED,
    LIVE,
    NOT_ATTENDED,
    PENDING,
    RECEIVED,
    REPORT,
    REQUEST,
    VOID,
)
from referral_service.domain.safety_nets.fact import Fact
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds

_OF_APPOINTMENT: Final = {
    "booked": LIVE, "pending": LIVE, "noshow": NOT_ATTENDED, "arrived": CAME, "checked-in": CAME, "fulfilled": CAME,
}  # fmt: skip
"""http://hl7.org/fhir/R4/valueset-appointmentstatus.html; one that is only proposed or waited for is none yet."""
_OF_REPORT: Final = {
    "registered": PENDING, "partial": PENDING, "preliminary": PENDING, "final": RECEIVED, "amended": RECEIVED,
    "corrected": RECEIVED, "appended": RECEIVED,
}  # fmt: skip
"""http://hl7.org/fhir/R4/valueset-diagnostic-report-status.html; the others say nothing of a result."""
_CONTENT: Final = ("result", "conclusion", "conclusionCode", "presentedForm", "imagingStudy")
"""What has to be looked at again when it changes."""


def appointment_fact(appointment: Resource | None, identity: str, version: int, at: datetime) -> Fact:
    """What a version of an Appointment says; None was deleted."""
    says = _OF_APPOINTMENT.get(str((appointment or {}).get("status")), CALLED_OFF)
    start = (appointment or {}).get("start")
    detail = {"says": says, "start": start} if says == LIVE else {"says": says}
    return Fact(f"Appointment/{identity}", version, APPOINTMENT, at, _moment(start, at), detail)


def report_fact(report: Resource | None, identity: str, version: int, at: datetime) -> Fact:
    """What a version of a DiagnosticReport says; None was deleted. A result that changes is another one."""
    says = _OF_REPORT.get(str((report or {}).get("status")), VOID)
    detail: dict[str, Any] = {"says": says}
    if says == RECEIVED and report is not None:
        content = json.dumps([report.get(name) for name in _CONTENT], sort_keys=True, default=str)
        detail["content"] = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Fact(f"DiagnosticReport/{identity}", version, REPORT, at, _moment((report or {}).get("issued"), at), detail)


def request_facts(request: Resource, version: int, at: datetime, *, concern: bool, informed: bool) -> list[Fact]:
    """What a version of the request says: its status, what the person was told, and which review was agreed."""
    source = f"ServiceRequest/{request['id']}"
    found = [
        Fact(f"{source}#status", version, REQUEST, at, at, {"says": str(request.get("status"))}),
        Fact(f"{source}#information", version, INFORMED, at, at, {"says": "complete" if informed else "missing"}),
    ]
    if concern:
        agreed = agreed_review(request)
        days = [day.isoformat() for day in agreed.days]
        detail = {"days": days, "patient_initiated": bool(agreed.triggers)}
        found.append(Fact(f"{source}#review", version, AGREED, at, at, detail))
    return found


def _moment(text: Any, otherwise: datetime) -> datetime:
    try:
        return from_micros(bounds(str(text))[0])
    except (ValueError, OverflowError):
        return otherwise
