"""Names of the booking and referral standard (NHSDigital/booking-and-referral-fhir-api, core 1.x)."""

from __future__ import annotations

from typing import Final

EVENT_SYSTEM: Final = "https://fhir.nhs.uk/CodeSystem/message-events-bars"
EVENT_SYSTEMS: Final = "https://fhir.nhs.uk/CodeSystem/message-event"
"""Of MessageHeader.eventCoding; earlier examples have message-event-servicerequest, which begins alike."""
REQUEST: Final = "servicerequest-request"
RESPONSE: Final = "servicerequest-response"
EVENTS: Final = (REQUEST, RESPONSE)
OTHER_EVENTS: Final = ("booking-request", "booking-response")
"""Events of the standard that are not taken here: appointments are booked over their own interface."""

REASON_SYSTEM: Final = "https://fhir.nhs.uk/CodeSystem/message-reason-bars"
REASON_SYSTEMS: Final = "https://fhir.nhs.uk/CodeSystem/message-reason"
"""Of MessageHeader.reason; likewise."""
NEW: Final = "new"
UPDATE: Final = "update"
DELETE: Final = "delete"
REASONS: Final = (NEW, UPDATE, DELETE)

ACTIVE: Final = "active"
WITHDRAWN: Final = ("revoked", "entered-in-error")
"""Statuses of a ServiceRequest that cancel: withdrawn, and sent to the wrong endpoint."""

CATEGORY: Final = "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest"
REFERRAL: Final = "referral"
BUNDLE_PROFILE: Final = "https://fhir.nhs.uk/StructureDefinition/BARSBundleMessage"
HEADER_PROFILE: Final = "https://fhir.nhs.uk/StructureDefinition/BARSMessageHeader-servicerequest-request"
DOS_SERVICE: Final = "https://fhir.nhs.uk/Id/dos-service-id"

VERSIONS: Final = ("1",)
"""Major versions of the core that the `Accept` header may ask for."""
