"""Search parameters of the types of careplan-service, in the notation of `tandem.fhir.search.parameters`."""

from __future__ import annotations

CAREPLAN: dict[str, tuple[int, str]] = {
    "CarePlan": (22, """
        1 activity-code token activity.detail.code
        2 activity-date date activity.detail.scheduled{Timing,Period}
        3 activity-reference reference activity.reference -> Appointment CommunicationRequest DeviceRequest
            MedicationRequest NutritionOrder RequestGroup ServiceRequest Task VisionPrescription
        4 based-on reference basedOn -> CarePlan
        5 care-team reference careTeam -> CareTeam
        6 category token category
        7 condition reference addresses -> Condition
        8 date date period
        9 encounter reference encounter -> Encounter
        10 goal reference goal -> Goal
        11 identifier token identifier
        12 instantiates-canonical reference instantiatesCanonical -> ActivityDefinition Measure OperationDefinition
            PlanDefinition Questionnaire
        13 instantiates-uri uri instantiatesUri
        14 intent code intent
        15 part-of reference partOf -> CarePlan
        16 patient reference subject:Patient -> Patient
        17 performer reference activity.detail.performer -> CareTeam Device HealthcareService Organization Patient
            Practitioner PractitionerRole RelatedPerson
        18 replaces reference replaces -> CarePlan
        19 status code status
        20 subject reference subject -> Group Patient
    """),
    "Goal": (23, """
        1 achievement-status token achievementStatus
        2 category token category
        3 identifier token identifier
        4 lifecycle-status code lifecycleStatus
        5 patient reference subject:Patient -> Patient
        6 start-date date startDate
        7 subject reference subject -> Group Organization Patient
        8 target-date date target.dueDate
    """),
    "CareTeam": (24, """
        1 category token category
        2 date date period
        3 encounter reference encounter -> Encounter
        4 identifier token identifier
        5 participant reference participant.member -> CareTeam Organization Patient Practitioner PractitionerRole
            RelatedPerson
        6 patient reference subject:Patient -> Patient
        7 status code status
        8 subject reference subject -> Group Patient
    """),
    "Consent": (25, """
        1 action token provision.action
        2 actor reference provision.actor.reference -> CareTeam Device Group Organization Patient Practitioner
            PractitionerRole RelatedPerson
        3 category token category
        4 consentor reference performer -> Organization Patient Practitioner PractitionerRole RelatedPerson
        5 data reference provision.data.reference -> *
        6 date date dateTime
        7 identifier token identifier
        8 organization reference organization -> Organization
        9 patient reference patient -> Patient
        10 period date provision.period
        11 purpose token provision.purpose
        12 scope token scope
        13 security-label token provision.securityLabel
        14 source-reference reference sourceReference -> Consent Contract DocumentReference QuestionnaireResponse
        15 status code status
    """),
    "MedicationStatement": (26, """
        1 category token category
        2 code token medicationCodeableConcept
        3 context reference context -> Encounter EpisodeOfCare
        4 effective date effective{DateTime,Period}
        5 identifier token identifier
        6 medication reference medicationReference -> Medication
        7 part-of reference partOf -> MedicationAdministration MedicationDispense MedicationStatement Observation
            Procedure
        8 patient reference subject:Patient -> Patient
        9 source reference informationSource -> Organization Patient Practitioner PractitionerRole RelatedPerson
        10 status code status
        11 subject reference subject -> Group Patient
    """),
    "Questionnaire": (27, """
        1 code token item.code
        2 context token useContext.valueCodeableConcept
        3 context-quantity quantity useContext.value{Quantity,Range}
        4 context-type token useContext.code
        5 date date date
        6 definition uri item.definition
        7 description string description
        8 effective date effectivePeriod
        9 identifier token identifier
        10 jurisdiction token jurisdiction
        11 name string name
        12 publisher string publisher
        13 status code status
        14 subject-type code subjectType
        15 title string title
        16 url uri url
        17 version code version
    """),
    "QuestionnaireResponse": (28, """
        1 author reference author -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        2 authored date authored
        3 based-on reference basedOn -> CarePlan ServiceRequest
        4 encounter reference encounter -> Encounter
        5 identifier token identifier
        6 part-of reference partOf -> Observation Procedure
        7 patient reference subject:Patient -> Patient
        8 questionnaire reference questionnaire -> Questionnaire
        9 source reference source -> Patient Practitioner PractitionerRole RelatedPerson
        10 status code status
        11 subject reference subject -> *
    """),
    "RiskAssessment": (29, """
        1 condition reference condition -> Condition
        2 date date occurrenceDateTime
        3 encounter reference encounter -> Encounter
        4 identifier token identifier
        5 method token method
        6 patient reference subject:Patient -> Patient
        7 performer reference performer -> Device Practitioner PractitionerRole
        8 probability number prediction.probabilityDecimal
        9 risk token prediction.qualitativeRisk
        10 subject reference subject -> Group Patient
    """),
    "DocumentReference": (30, """
        1 authenticator reference authenticator -> Organization Practitioner PractitionerRole
        2 author reference author -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        3 category token category
        4 contenttype code content.attachment.contentType
        5 custodian reference custodian -> Organization
        6 date date date
        7 description string description
        8 encounter reference context.encounter -> Encounter EpisodeOfCare
        9 event token context.event
        10 facility token context.facilityType
        11 format token content.format
        12 identifier token masterIdentifier | identifier
        13 language code content.attachment.language
        14 location uri content.attachment.url
        15 patient reference subject:Patient -> Patient
        16 period date context.period
        17 related reference context.related -> *
        18 relatesto reference relatesTo.target -> DocumentReference
        19 relation code relatesTo.code
        20 security-label token securityLabel
        21 setting token context.practiceSetting
        22 status code status
        23 subject reference subject -> Device Group Patient Practitioner
        24 type token type
    """),
    "Composition": (31, """
        1 attester reference attester.party -> Organization Patient Practitioner PractitionerRole RelatedPerson
        2 author reference author -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        3 category token category
        4 confidentiality code confidentiality
        5 context token event.code
        6 date date date
        7 encounter reference encounter -> Encounter
        8 entry reference section.entry -> *
        9 identifier token identifier
        10 patient reference subject:Patient -> Patient
        11 period date event.period
        12 related-id token relatesTo.targetIdentifier
        13 related-ref reference relatesTo.targetReference -> Composition
        14 section token section.code
        15 status code status
        16 subject reference subject -> *
        17 title string title
        18 type token type
    """),
}  # fmt: skip
