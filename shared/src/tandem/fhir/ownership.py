"""Which service is the only writer of which FHIR type. The one place this is written down."""

from __future__ import annotations

OWNED_TYPES: dict[str, tuple[str, ...]] = {
    "cohort-service": (
        "Organization", "OrganizationAffiliation", "Location", "Practitioner", "PractitionerRole",
        "HealthcareService", "Patient", "RelatedPerson", "Condition", "Observation", "Procedure", "Encounter",
        "EpisodeOfCare", "MedicationRequest", "Medication", "AllergyIntolerance", "Immunization", "Flag", "Group",
        "List", "PlanDefinition",
    ),
    "careplan-service": (
        "CarePlan", "Goal", "CareTeam", "Consent", "MedicationStatement", "Questionnaire", "QuestionnaireResponse",
        "RiskAssessment", "DocumentReference", "Composition",
    ),
    "mdt-service": ("Task", "Appointment", "Schedule", "Slot", "Communication"),
    "referral-service": ("ServiceRequest", "DiagnosticReport"),
    "metrics-service": ("Measure", "MeasureReport"),
}  # fmt: skip

KERNEL_TYPES: tuple[str, ...] = ("AuditEvent", "Provenance", "Subscription")
"""Kept by every service for its own resources; searched across services at the gateway."""

SERVICES: tuple[str, ...] = tuple(OWNED_TYPES)
OWNER: dict[str, str] = {name: service for service, names in OWNED_TYPES.items() for name in names}
