"""Top-level elements of each type (http://hl7.org/fhir/R4/resourcelist.html), for `_elements` and `_summary`.

A trailing `!` marks what must be there in every instance, a trailing `*` what belongs to the summary; `!` stands first.
"""

from __future__ import annotations

_TABLE: dict[str, str] = {
    "Organization": "identifier* active* type* name* alias telecom address partOf* contact endpoint",
    "OrganizationAffiliation": (
        "identifier* active* period* organization* participatingOrganization* network* code* specialty* location* "
        "healthcareService telecom* endpoint"
    ),
    "Location": (
        "identifier* status* operationalStatus* name* alias description* mode* type* telecom address "
        "physicalType* position managingOrganization* partOf hoursOfOperation availabilityExceptions endpoint"
    ),
    "Practitioner": (
        "identifier* active* name* telecom* address* gender* birthDate* photo qualification communication"
    ),
    "PractitionerRole": (
        "identifier* active* period* practitioner* organization* code* specialty* location* healthcareService "
        "telecom* availableTime notAvailable availabilityExceptions endpoint"
    ),
    "HealthcareService": (
        "identifier* active* providedBy* category* type* specialty* location* name* comment* extraDetails photo* "
        "telecom coverageArea serviceProvisionCode eligibility program characteristic communication "
        "referralMethod appointmentRequired availableTime notAvailable availabilityExceptions endpoint"
    ),
    "Patient": (
        "identifier* active* name* telecom* gender* birthDate* deceasedBoolean* deceasedDateTime* address* "
        "maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication generalPractitioner "
        "managingOrganization* link*"
    ),
    "RelatedPerson": (
        "identifier* active* patient!* relationship* name* telecom* gender* birthDate* address* photo period "
        "communication"
    ),
    "Condition": (
        "identifier* clinicalStatus* verificationStatus* category severity code* bodySite* subject!* encounter* "
        "onsetDateTime* onsetAge* onsetPeriod* onsetRange* onsetString* abatementDateTime abatementAge "
        "abatementPeriod abatementRange abatementString recordedDate* recorder* asserter* stage evidence note"
    ),
    "Observation": (
        "identifier* basedOn* partOf* status!* category code!* subject* focus* encounter* effectiveDateTime* "
        "effectivePeriod* effectiveTiming* effectiveInstant* issued* performer* valueQuantity* "
        "valueCodeableConcept* valueString* valueBoolean* valueInteger* valueRange* valueRatio* valueSampledData* "
        "valueTime* valueDateTime* valuePeriod* dataAbsentReason interpretation note bodySite method specimen "
        "device referenceRange hasMember* derivedFrom* component*"
    ),
    "Procedure": (
        "identifier* instantiatesCanonical* instantiatesUri* basedOn* partOf* status!* statusReason* category* "
        "code* subject!* encounter* performedDateTime* performedPeriod* performedString* performedAge* "
        "performedRange* recorder* asserter* performer* location* reasonCode* reasonReference* bodySite* outcome* "
        "report complication complicationDetail followUp note focalDevice usedReference usedCode"
    ),
    "Encounter": (
        "identifier* status!* statusHistory class!* classHistory type* serviceType* priority subject* "
        "episodeOfCare* basedOn participant* appointment* period length reasonCode* reasonReference* diagnosis* "
        "account hospitalization location serviceProvider partOf"
    ),
    "EpisodeOfCare": (
        "identifier status!* statusHistory type* diagnosis* patient!* managingOrganization* period* "
        "referralRequest careManager team account"
    ),
    "MedicationRequest": (
        "identifier status!* statusReason intent!* category priority* doNotPerform* reportedBoolean* "
        "reportedReference* medicationCodeableConcept* medicationReference* subject!* encounter "
        "supportingInformation authoredOn* requester* performer performerType* recorder reasonCode "
        "reasonReference instantiatesCanonical* instantiatesUri* basedOn* groupIdentifier* courseOfTherapyType "
        "insurance note dosageInstruction dispenseRequest substitution priorPrescription detectedIssue "
        "eventHistory"
    ),
    "Medication": "identifier* code* status* manufacturer* form amount* ingredient batch",
    "AllergyIntolerance": (
        "identifier* clinicalStatus* verificationStatus* type* category* criticality* code* patient!* encounter "
        "onsetDateTime onsetAge onsetPeriod onsetRange onsetString recordedDate recorder asserter* lastOccurrence "
        "note reaction"
    ),
    "Immunization": (
        "identifier status!* statusReason vaccineCode!* patient!* encounter occurrenceDateTime* occurrenceString* "
        "recorded primarySource* reportOrigin location manufacturer lotNumber expirationDate site route "
        "doseQuantity performer* note* reasonCode reasonReference isSubpotent* subpotentReason education "
        "programEligibility fundingSource reaction protocolApplied"
    ),
    "Flag": "identifier* status!* category* code!* subject!* period* encounter* author*",
    "Group": "identifier* active* type!* actual!* code* name* quantity* managingEntity* characteristic member",
    "List": (
        "identifier status!* mode!* title* code* subject* encounter date* source* orderedBy note entry emptyReason"
    ),
    "PlanDefinition": (
        "url* identifier* version* name* title* subtitle type* status!* experimental* subjectCodeableConcept "
        "subjectReference subjectCanonical date* publisher* contact* description* useContext* jurisdiction* "
        "purpose usage copyright approvalDate lastReviewDate effectivePeriod* topic author editor reviewer "
        "endorser relatedArtifact library goal action"
    ),
    "CarePlan": (
        "identifier* instantiatesCanonical* instantiatesUri* basedOn* replaces* partOf* status!* intent!* "
        "category* title* description* subject!* encounter* period* created* author* contributor careTeam "
        "addresses* supportingInfo goal activity note"
    ),
    "Goal": (
        "identifier lifecycleStatus!* achievementStatus* category* priority* description!* subject!* startDate* "
        "startCodeableConcept* target statusDate* statusReason expressedBy* addresses note outcomeCode "
        "outcomeReference"
    ),
    "CareTeam": (
        "identifier* status* category* name* subject* encounter* period* participant reasonCode reasonReference "
        "managingOrganization* telecom note"
    ),
    "Consent": (
        "identifier* status!* scope!* category!* patient* dateTime* performer* organization* sourceAttachment* "
        "sourceReference* policy policyRule* verification* provision*"
    ),
    "MedicationStatement": (
        "identifier* basedOn* partOf* status!* statusReason category* medicationCodeableConcept* "
        "medicationReference* subject!* context* effectiveDateTime* effectivePeriod* dateAsserted* "
        "informationSource derivedFrom reasonCode reasonReference note dosage"
    ),
    "Questionnaire": (
        "url* identifier* version* name* title* derivedFrom status!* experimental* subjectType* date* publisher* "
        "contact* description useContext* jurisdiction* purpose copyright approvalDate lastReviewDate "
        "effectivePeriod* code* item"
    ),
    "QuestionnaireResponse": (
        "identifier* basedOn* partOf* questionnaire* status!* subject* encounter* authored* author* source* item"
    ),
    "RiskAssessment": (
        "identifier* basedOn parent status!* method* code* subject!* encounter* occurrenceDateTime* "
        "occurrencePeriod* condition* performer* reasonCode reasonReference basis prediction mitigation note"
    ),
    "DocumentReference": (
        "masterIdentifier* identifier* status!* docStatus* type* category* subject* date* author* authenticator "
        "custodian relatesTo* description* securityLabel* content!* context*"
    ),
    "Composition": (
        "identifier* status!* type!* category* subject* encounter* date!* author!* title!* confidentiality* "
        "attester custodian* relatesTo event* section"
    ),
    "Task": (
        "identifier instantiatesCanonical* instantiatesUri* basedOn* groupIdentifier* partOf* status!* "
        "statusReason* businessStatus* intent!* priority code* description* focus* for* encounter* "
        "executionPeriod* authoredOn lastModified* requester* performerType owner* location* reasonCode "
        "reasonReference insurance note relevantHistory restriction input output"
    ),
    "Appointment": (
        "identifier* status!* cancelationReason* serviceCategory* serviceType* specialty* appointmentType* "
        "reasonCode* reasonReference priority description supportingInformation start* end* minutesDuration slot "
        "created comment patientInstruction basedOn participant! requestedPeriod"
    ),
    "Schedule": "identifier* active* serviceCategory* serviceType* specialty* actor!* planningHorizon* comment",
    "Slot": (
        "identifier* serviceCategory* serviceType* specialty* appointmentType* schedule!* status!* start!* end!* "
        "overbooked comment"
    ),
    "Communication": (
        "identifier* instantiatesCanonical* instantiatesUri* basedOn* partOf* inResponseTo status!* statusReason* "
        "category priority* medium subject* topic about encounter* sent received recipient sender reasonCode* "
        "reasonReference* payload note"
    ),
    "ServiceRequest": (
        "identifier* instantiatesCanonical* instantiatesUri* basedOn* replaces* requisition* status!* intent!* "
        "category* priority* doNotPerform* code* orderDetail* quantityQuantity* quantityRatio* quantityRange* "
        "subject!* encounter* occurrenceDateTime* occurrencePeriod* occurrenceTiming* asNeededBoolean* "
        "asNeededCodeableConcept* authoredOn* requester* performerType* performer* locationCode* "
        "locationReference* reasonCode* reasonReference* insurance supportingInfo specimen* bodySite* note "
        "patientInstruction* relevantHistory"
    ),
    "DiagnosticReport": (
        "identifier* basedOn status!* category* code!* subject* encounter* effectiveDateTime* effectivePeriod* "
        "issued* performer* resultsInterpreter* specimen result imagingStudy media* conclusion conclusionCode "
        "presentedForm"
    ),
    "Measure": (
        "url* identifier* version* name* title* subtitle status!* experimental* subjectCodeableConcept "
        "subjectReference date* publisher* contact* description* useContext* jurisdiction* purpose usage "
        "copyright approvalDate lastReviewDate effectivePeriod* topic author editor reviewer endorser "
        "relatedArtifact library disclaimer* scoring* compositeScoring* type* riskAdjustment* rateAggregation* "
        "rationale* clinicalRecommendationStatement* improvementNotation* definition* guidance* group "
        "supplementalData"
    ),
    "MeasureReport": (
        "identifier* status!* type!* measure!* subject* date* reporter* period!* improvementNotation* group "
        "evaluatedResource"
    ),
    "AuditEvent": (
        "type!* subtype* action* period recorded!* outcome* outcomeDesc* purposeOfEvent* agent! source! entity"
    ),
    "Provenance": (
        "target!* occurredPeriod occurredDateTime recorded!* policy location reason activity agent! entity signature"
    ),
    "Subscription": "status!* contact* end* reason!* criteria!* error* channel!*",
}

# Every DomainResource has these; a subset keeps the first three so that it can still be understood.
ALWAYS = ("resourceType", "id", "meta", "implicitRules")
_COMMON = ("id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension")


def _read(mark: str) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(word.rstrip("!*") for word in words.split() if mark in word or not mark)
        for name, words in _TABLE.items()
    }


ELEMENTS: dict[str, frozenset[str]] = {name: found | set(_COMMON) for name, found in _read("").items()}
MANDATORY: dict[str, frozenset[str]] = _read("!")
SUMMARY: dict[str, frozenset[str]] = _read("*")
