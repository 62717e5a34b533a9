"""What the R4B model metadata cuts short, leaves out or has beyond R4 4.0.1: code lists, choices, reference targets.

Only `python -m tandem.fhir.validation.generate` reads this; the service reads the generated table.
Source: the value sets named at each element's page, e.g. http://hl7.org/fhir/R4/valueset-task-status.html
"""

from __future__ import annotations

_OBSERVATION = (
    "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
)  # fmt: skip
_ENCOUNTER = (
    "planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown",
)  # fmt: skip
_COMPARATOR = ("<", "<=", ">=", ">")

CODES: dict[str, tuple[str, ...]] = {
    "Age.comparator": _COMPARATOR,
    "Count.comparator": _COMPARATOR,
    "Distance.comparator": _COMPARATOR,
    "Duration.comparator": _COMPARATOR,
    "Quantity.comparator": _COMPARATOR,
    "Timing.repeat.when": (
        "MORN", "MORN.early", "MORN.late", "NOON", "AFT", "AFT.early", "AFT.late", "EVE", "EVE.early", "EVE.late",
        "NIGHT", "PHS", "HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV",
    ),
    "Observation.status": _OBSERVATION,
    "RiskAssessment.status": _OBSERVATION,
    "DiagnosticReport.status": (
        "registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled",
        "entered-in-error", "unknown",
    ),
    "Encounter.status": _ENCOUNTER,
    "Encounter.statusHistory.status": _ENCOUNTER,
    "Questionnaire.item.type": (
        "group", "display", "question", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text",
        "url", "choice", "open-choice", "attachment", "reference", "quantity",
    ),
    "Composition.confidentiality": ("U", "L", "M", "N", "R", "V"),
    "Task.status": (
        "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold",
        "failed", "completed", "entered-in-error",
    ),
    "AuditEvent.action": ("C", "R", "U", "D", "E"),
    "AuditEvent.outcome": ("0", "4", "8", "12"),
    "AuditEvent.agent.network.type": ("1", "2", "3", "4", "5"),
}  # fmt: skip
"""Codes of an element of type `code`."""

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
CONCEPTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Condition.clinicalStatus": (
        f"{_TERMINOLOGY}/condition-clinical",
        ("active", "recurrence", "relapse", "inactive", "remission", "resolved"),
    ),
    "Condition.verificationStatus": (
        f"{_TERMINOLOGY}/condition-ver-status",
        ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"),
    ),
    "AllergyIntolerance.clinicalStatus": (
        f"{_TERMINOLOGY}/allergyintolerance-clinical",
        ("active", "inactive", "resolved"),
    ),
    "AllergyIntolerance.verificationStatus": (
        f"{_TERMINOLOGY}/allergyintolerance-verification",
        ("unconfirmed", "confirmed", "refuted", "entered-in-error"),
    ),
    "Measure.improvementNotation": (f"{_TERMINOLOGY}/measure-improvement-notation", ("increase", "decrease")),
    "MeasureReport.improvementNotation": (f"{_TERMINOLOGY}/measure-improvement-notation", ("increase", "decrease")),
}
"""Required bindings of a CodeableConcept: the code system and its codes."""

NAMES_OF_TYPES = ("DataRequirement.type", "ParameterDefinition.type")
"""Bound to all-types: any R4 data type or resource type, and for both also `Type` and `Any`."""
NAMES_OF_RESOURCES = ("Questionnaire.subjectType",)
"""Bound to resource-types, which holds the two abstract types as well."""

NOT_REQUIRED = ("Expression.language",)
"""The metadata lists values, but the binding is only extensible."""

SIMPLE_QUANTITIES = (
    "Range.low", "Range.high", "SampledData.origin",
    "Dosage.maxDosePerAdministration", "Dosage.maxDosePerLifetime",
    "Dosage.doseAndRate.doseQuantity", "Dosage.doseAndRate.rateQuantity",
    "CarePlan.activity.detail.dailyAmount", "CarePlan.activity.detail.quantity", "Immunization.doseQuantity",
    "MedicationRequest.dispenseRequest.quantity", "MedicationRequest.dispenseRequest.initialFill.quantity",
)  # fmt: skip
"""Elements whose type is SimpleQuantity: a Quantity without comparator (sqty-1)."""

ONLY_R4B_CHOICES = {
    "Extension.value[x]": ("CodeableReference", "RatioRange"),
    "Task.input.value[x]": ("CodeableReference", "RatioRange"),
    "Task.output.value[x]": ("CodeableReference", "RatioRange"),
    "PlanDefinition.subject[x]": ("canonical",),
    "PlanDefinition.action.subject[x]": ("canonical",),
}
"""Types of a choice that came with R4B; R4 does not have them."""
ONLY_R4_CHOICES = {"Extension.value[x]": ("Meta",)}
"""Types of a choice that the R4B models leave out."""

TARGETS = {
    "DiagnosticReport.subject": ("Device", "Group", "Location", "Patient"),
    "Group.member.entity": (
        "Device", "Group", "Medication", "Patient", "Practitioner", "PractitionerRole", "Substance",
    ),
    "Observation.subject": ("Device", "Group", "Location", "Patient"),
}  # fmt: skip
"""Reference targets of R4 where R4B has more."""

DATA_TYPES = (
    "Address", "Age", "Annotation", "Attachment", "BackboneElement", "CodeableConcept", "Coding", "ContactDetail",
    "ContactPoint", "Contributor", "Count", "DataRequirement", "Distance", "Dosage", "Duration", "Element",
    "ElementDefinition", "Expression", "Extension", "HumanName", "Identifier", "MarketingStatus", "Meta", "Money",
    "MoneyQuantity", "Narrative", "ParameterDefinition", "Period", "Population", "ProdCharacteristic",
    "ProductShelfLife", "Quantity", "Range", "Ratio", "Reference", "RelatedArtifact", "SampledData", "Signature",
    "SimpleQuantity", "SubstanceAmount", "Timing", "TriggerDefinition", "UsageContext", "base64Binary", "boolean",
    "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer", "markdown", "oid", "positiveInt",
    "string", "time", "unsignedInt", "uri", "url", "uuid", "xhtml",
)  # fmt: skip
"""The names of the R4 data types (http://hl7.org/fhir/R4/valueset-data-types.html)."""
