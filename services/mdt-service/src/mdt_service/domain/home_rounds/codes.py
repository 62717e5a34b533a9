"""Codes and names of home rounds."""

from __future__ import annotations

from typing import Final

from tandem.canonical import BASE

HOME_ROUND: Final = "home-round"
"""Code of Schedule.serviceType and Appointment.serviceType in APPOINTMENT_KIND."""
CARE_HOME: Final = f"{BASE}/StructureDefinition/care-home"
"""Extension on a Schedule or Appointment of home rounds, valueReference: the Organization that is the home."""
SERIES: Final = f"{BASE}/StructureDefinition/home-round-series"
"""Extension on an Appointment, valueReference: the Schedule that the round belongs to."""
AGREED_PART: Final = f"{BASE}/StructureDefinition/home-round-part"
"""Extension on a Schedule of home rounds, repeated: sub-extensions `organization` (Reference), `part` (code), `agreed`
(date), and as far as they are known `until` (date) and `document` (Reference to the agreement)."""
DELIVER: Final = "deliver"
TAKE_PART: Final = "take-part"
PREPARE: Final = "prepare"
SUBSTITUTE: Final = "substitute-for-gp"
PARTS: Final = (DELIVER, TAKE_PART, PREPARE, SUBSTITUTE)
"""What an organisation may have agreed to do; the last is that its community geriatrician may stand in for the GP."""

IN_PERSON: Final = "In-person"
MODES: Final = (IN_PERSON, "Telephone", "Video")
"""How a round is held: codes of the extension DELIVERY_CHANNEL."""

PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
LEADER: Final = "PPRF"
"""Appointment.participant.type of whoever leads the round: primary performer."""

HOME_FLAG: Final = "home-flag"
TRIAGE: Final = "triage"
ROUND_REVIEW: Final = "round-review"
ROUND_PREPARATION: Final = "round-preparation"
ACTION: Final = "action"
"""Codes of Task.code in TASK_KIND."""
FLAG_REASON: Final = f"{BASE}/CodeSystem/home-flag-reason"
"""Task.reasonCode of a `home-flag`: `review`, `acute-or-escalating-needs`, `end-of-life-care`."""
END_OF_LIFE: Final = "end-of-life-care"
TRIAGE_OUTCOME: Final = f"{BASE}/CodeSystem/triage-outcome"
"""Coding of Task.output of a completed `triage`: `next-round`, `before-round`, `no-review-needed`."""
NO_REVIEW: Final = "no-review-needed"
OUTCOMES: Final = ("next-round", "before-round", NO_REVIEW)
