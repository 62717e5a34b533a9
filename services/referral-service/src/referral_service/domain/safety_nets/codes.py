"""The words of safety nets: kinds of facts, steps that are recorded, reasons, outcomes, triggers."""

from __future__ import annotations

from typing import Final

from referral_service.domain.suspected_cancer.claim import KINDS as SUSPECTED_CANCER_KINDS

INVESTIGATION: Final = "pre-referral-investigation"
CONCERN: Final = "cancer-concern"
NET_KINDS: Final = (*SUSPECTED_CANCER_KINDS, INVESTIGATION, CONCERN)
"""Kinds of referral that a safety net may belong to (000 §6.11 2020/21 ref2, 2021/22 ref3)."""

RISK_SYMPTOM: Final = "risk-symptom"
"""A symptom linked to raised cancer risk that does not meet criteria for referral or investigation (000 §6.2 fn13)."""
SIGNIFICANT_CONCERN: Final = "significant-concern"
"""Non-specific symptoms, significant concern of the GP, no immediate referral (000 §6.11 fn14)."""
CONCERNS: Final = (RISK_SYMPTOM, SIGNIFICANT_CONCERN)

TRIGGERS: Final = ("developed", "recurred", "persisted", "worsened", "concern-continues")
"""What lets the person start the review (000 §6.11 fn14)."""

# Kinds of facts that come from resources.
REQUEST: Final = "request"
AGREED: Final = "agreed"
INFORMED: Final = "informed"
REPLACED: Final = "replaced"
APPOINTMENT: Final = "appointment"
REPORT: Final = "report"

# Kinds of facts that a clinician records.
TOLD: Final = "told"
BOOKED: Final = "appointment-made"
ATTENDED: Final = "attended"
RESULT: Final = "result-received"
ACTED: Final = "acted-on"
COMMUNICATED: Final = "communicated"
REVIEWED: Final = "reviewed"
DECISION: Final = "decision-not-to-pursue"
DIAGNOSIS: Final = "diagnosis"
SYMPTOMS: Final = "symptoms-reported"
CLOSED: Final = "closed"

RECORDED: Final = (TOLD, ATTENDED, ACTED, COMMUNICATED, REVIEWED, DECISION, DIAGNOSIS)
"""Steps of `$record-safety-net-step`."""

REASONS: Final = (
    "patient-choice", "not-contactable", "clinically-inappropriate", "already-diagnosed", "moved-away", "died",
    "seen-elsewhere", "other",
)  # fmt: skip
"""Why somebody is not pursued, or a net is closed without a result; `other` says it in words."""
OUTCOMES: Final = ("cancer", "no-cancer", "other")

# What an Appointment says, what a DiagnosticReport says.
LIVE, NOT_ATTENDED, CAME, CALLED_OFF = "live", "not-attended", "came", "called-off"
PENDING, RECEIVED, VOID = "pending", "received", "void"
