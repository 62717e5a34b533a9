"""Search parameters of the types of cohort-service, in the notation of `tandem.fhir.search.parameters`."""

from __future__ import annotations

COHORT: dict[str, tuple[int, str]] = {
    "Organization": (1, """
        1 active code active
        2 address string address
        3 address-city string address.city
        4 address-country string address.country
        5 address-postalcode string address.postalCode
        6 address-state string address.state
        7 address-use code address.use
        8 endpoint reference endpoint -> Endpoint
        9 identifier token identifier
        10 name string name | alias
        11 partof reference partOf -> Organization
        12 type token type
    """),
    "OrganizationAffiliation": (2, """
        1 active code active
        2 date date period
        3 email contact telecom[system=email]
        4 endpoint reference endpoint -> Endpoint
        5 identifier token identifier
        6 location reference location -> Location
        7 network reference network -> Organization
        8 participating-organization reference participatingOrganization -> Organization
        9 phone contact telecom[system=phone]
        10 primary-organization reference organization -> Organization
        11 role token code
        12 service reference healthcareService -> HealthcareService
        13 specialty token specialty
        14 telecom contact telecom
    """),
    "Location": (3, """
        1 address string address
        2 address-city string address.city
        3 address-country string address.country
        4 address-postalcode string address.postalCode
        5 address-state string address.state
        6 address-use code address.use
        7 endpoint reference endpoint -> Endpoint
        8 identifier token identifier
        9 name string name | alias
        10 operational-status token operationalStatus
        11 organization reference managingOrganization -> Organization
        12 partof reference partOf -> Location
        13 status code status
        14 type token type
    """),
    "Practitioner": (4, """
        1 active code active
        2 address string address
        3 address-city string address.city
        4 address-country string address.country
        5 address-postalcode string address.postalCode
        6 address-state string address.state
        7 address-use code address.use
        8 communication token communication
        9 email contact telecom[system=email]
        10 family string name.family
        11 gender code gender
        12 given string name.given
        13 identifier token identifier
        14 name string name
        15 phone contact telecom[system=phone]
        16 telecom contact telecom
    """),
    "PractitionerRole": (5, """
        1 active code active
        2 date date period
        3 email contact telecom[system=email]
        4 endpoint reference endpoint -> Endpoint
        5 identifier token identifier
        6 location reference location -> Location
        7 organization reference organization -> Organization
        8 phone contact telecom[system=phone]
        9 practitioner reference practitioner -> Practitioner
        10 role token code
        11 service reference healthcareService -> HealthcareService
        12 specialty token specialty
        13 telecom contact telecom
    """),
    "HealthcareService": (6, """
        1 active code active
        2 characteristic token characteristic
        3 coverage-area reference coverageArea -> Location
        4 endpoint reference endpoint -> Endpoint
        5 identifier token identifier
        6 location reference location -> Location
        7 name string name
        8 organization reference providedBy -> Organization
        9 program token program
        10 service-category token category
        11 service-type token type
        12 specialty token specialty
    """),
    "Patient": (7, """
        1 active code active
        2 address string address
        3 address-city string address.city
        4 address-country string address.country
        5 address-postalcode string address.postalCode
        6 address-state string address.state
        7 address-use code address.use
        8 birthdate date birthDate
        9 death-date date deceasedDateTime
        10 deceased deceased deceasedBoolean | deceasedDateTime
        11 email contact telecom[system=email]
        12 family string name.family
        13 gender code gender
        14 general-practitioner reference generalPractitioner -> Organization Practitioner PractitionerRole
        15 given string name.given
        16 identifier token identifier
        17 language token communication.language
        18 link reference link.other -> Patient RelatedPerson
        19 name string name
        20 organization reference managingOrganization -> Organization
        21 phone contact telecom[system=phone]
        22 telecom contact telecom
    """),
    "RelatedPerson": (8, """
        1 active code active
        2 address string address
        3 address-city string address.city
        4 address-country string address.country
        5 address-postalcode string address.postalCode
        6 address-state string address.state
        7 address-use code address.use
        8 birthdate date birthDate
        9 email contact telecom[system=email]
        10 gender code gender
        11 identifier token identifier
        12 name string name
        13 patient reference patient -> Patient
        14 phone contact telecom[system=phone]
        15 relationship token relationship
        16 telecom contact telecom
    """),
    "Condition": (9, """
        1 abatement-age quantity abatement{Age,Range}
        2 abatement-date date abatement{DateTime,Period}
        3 abatement-string string abatementString
        4 asserter reference asserter -> Patient Practitioner PractitionerRole RelatedPerson
        5 body-site token bodySite
        6 category token category
        7 clinical-status token clinicalStatus
        8 code token code
        9 encounter reference encounter -> Encounter
        10 evidence token evidence.code
        11 evidence-detail reference evidence.detail -> *
        12 identifier token identifier
        13 onset-age quantity onset{Age,Range}
        14 onset-date date onset{DateTime,Period}
        15 onset-info string onsetString
        16 patient reference subject:Patient -> Patient
        17 recorded-date date recordedDate
        18 severity token severity
        19 stage token stage.summary
        20 subject reference subject -> Group Patient
        21 verification-status token verificationStatus
    """),
    "Observation": (10, """
        1 based-on reference basedOn -> CarePlan DeviceRequest ImmunizationRecommendation MedicationRequest
            NutritionOrder ServiceRequest
        2 category token category
        3 code token code
        4 combo-code token code | component.code
        5 combo-data-absent-reason token dataAbsentReason | component.dataAbsentReason
        6 combo-value-concept token valueCodeableConcept | component.valueCodeableConcept
        7 combo-value-quantity quantity valueQuantity | component.valueQuantity
        8 component-code token component.code
        9 component-data-absent-reason token component.dataAbsentReason
        10 component-value-concept token component.valueCodeableConcept
        11 component-value-quantity quantity component.valueQuantity
        12 data-absent-reason token dataAbsentReason
        13 date date effective{DateTime,Period,Timing,Instant}
        14 derived-from reference derivedFrom -> DocumentReference ImagingStudy Media MolecularSequence Observation
            QuestionnaireResponse
        15 device reference device -> Device DeviceMetric
        16 encounter reference encounter -> Encounter EpisodeOfCare
        17 focus reference focus -> *
        18 has-member reference hasMember -> MolecularSequence Observation QuestionnaireResponse
        19 identifier token identifier
        20 method token method
        21 part-of reference partOf -> ImagingStudy Immunization MedicationAdministration MedicationDispense
            MedicationStatement Procedure
        22 patient reference subject:Patient -> Patient
        23 performer reference performer -> CareTeam Organization Patient Practitioner PractitionerRole RelatedPerson
        24 specimen reference specimen -> Specimen
        25 status code status
        26 subject reference subject -> Device Group Location Patient
        27 value-concept token valueCodeableConcept
        28 value-date date value{DateTime,Period}
        29 value-quantity quantity valueQuantity
        30 value-string string valueString | valueCodeableConcept.text
    """),
    "Procedure": (11, """
        1 based-on reference basedOn -> CarePlan ServiceRequest
        2 category token category
        3 code token code
        4 date date performed{DateTime,Period}
        5 encounter reference encounter -> Encounter
        6 identifier token identifier
        7 instantiates-canonical reference instantiatesCanonical -> ActivityDefinition Measure OperationDefinition
            PlanDefinition Questionnaire
        8 instantiates-uri uri instantiatesUri
        9 location reference location -> Location
        10 part-of reference partOf -> MedicationAdministration Observation Procedure
        11 patient reference subject:Patient -> Patient
        12 performer reference performer.actor -> Device Organization Patient Practitioner PractitionerRole
            RelatedPerson
        13 reason-code token reasonCode
        14 reason-reference reference reasonReference -> Condition DiagnosticReport DocumentReference Observation
            Procedure
        15 status code status
        16 subject reference subject -> Group Patient
    """),
    "Encounter": (12, """
        1 account reference account -> Account
        2 appointment reference appointment -> Appointment
        3 based-on reference basedOn -> ServiceRequest
        4 class token class
        5 date date period
        6 diagnosis reference diagnosis.condition -> Condition Procedure
        7 episode-of-care reference episodeOfCare -> EpisodeOfCare
        8 identifier token identifier
        9 length quantity length
        10 location reference location.location -> Location
        11 location-period date location.period
        12 part-of reference partOf -> Encounter
        13 participant reference participant.individual -> Practitioner PractitionerRole RelatedPerson
        14 participant-type token participant.type
        15 patient reference subject:Patient -> Patient
        16 practitioner reference participant.individual:Practitioner -> Practitioner
        17 reason-code token reasonCode
        18 reason-reference reference reasonReference -> Condition ImmunizationRecommendation Observation Procedure
        19 service-provider reference serviceProvider -> Organization
        20 special-arrangement token hospitalization.specialArrangement
        21 status code status
        22 subject reference subject -> Group Patient
        23 type token type
    """),
    "EpisodeOfCare": (13, """
        1 care-manager reference careManager:Practitioner -> Practitioner
        2 condition reference diagnosis.condition -> Condition
        3 date date period
        4 identifier token identifier
        5 incoming-referral reference referralRequest -> ServiceRequest
        6 organization reference managingOrganization -> Organization
        7 patient reference patient -> Patient
        8 status code status
        9 type token type
    """),
    "MedicationRequest": (14, """
        1 authoredon date authoredOn
        2 category token category
        3 code token medicationCodeableConcept
        4 date date dosageInstruction.timing.event
        5 encounter reference encounter -> Encounter
        6 identifier token identifier
        7 intended-dispenser reference dispenseRequest.performer -> Organization
        8 intended-performer reference performer -> CareTeam Device Organization Patient Practitioner
            PractitionerRole RelatedPerson
        9 intended-performertype token performerType
        10 intent code intent
        11 medication reference medicationReference -> Medication
        12 patient reference subject:Patient -> Patient
        13 priority code priority
        14 requester reference requester -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        15 status code status
        16 subject reference subject -> Group Patient
    """),
    "Medication": (15, """
        1 code token code
        2 expiration-date date batch.expirationDate
        3 form token form
        4 identifier token identifier
        5 ingredient reference ingredient.itemReference -> Medication Substance
        6 ingredient-code token ingredient.itemCodeableConcept
        7 lot-number code batch.lotNumber
        8 manufacturer reference manufacturer -> Organization
        9 status code status
    """),
    "AllergyIntolerance": (16, """
        1 asserter reference asserter -> Patient Practitioner PractitionerRole RelatedPerson
        2 category code category
        3 clinical-status token clinicalStatus
        4 code token code | reaction.substance
        5 criticality code criticality
        6 date date recordedDate
        7 identifier token identifier
        8 last-date date lastOccurrence
        9 manifestation token reaction.manifestation
        10 onset date reaction.onset
        11 patient reference patient -> Patient
        12 recorder reference recorder -> Patient Practitioner PractitionerRole RelatedPerson
        13 route token reaction.exposureRoute
        14 severity code reaction.severity
        15 type code type
        16 verification-status token verificationStatus
    """),
    "Immunization": (17, """
        1 date date occurrenceDateTime
        2 identifier token identifier
        3 location reference location -> Location
        4 lot-number string lotNumber
        5 manufacturer reference manufacturer -> Organization
        6 patient reference patient -> Patient
        7 performer reference performer.actor -> Organization Practitioner PractitionerRole
        8 reaction reference reaction.detail -> Observation
        9 reaction-date date reaction.date
        10 reason-code token reasonCode
        11 reason-reference reference reasonReference -> Condition DiagnosticReport Observation
        12 series string protocolApplied.series
        13 status code status
        14 status-reason token statusReason
        15 target-disease token protocolApplied.targetDisease
        16 vaccine-code token vaccineCode
    """),
    "Flag": (18, """
        1 author reference author -> Device Organization Patient Practitioner PractitionerRole
        2 date date period
        3 encounter reference encounter -> Encounter
        4 identifier token identifier
        5 patient reference subject:Patient -> Patient
        6 subject reference subject -> Group Location Medication Organization Patient PlanDefinition Practitioner
            Procedure
    """),
    "Group": (19, """
        1 actual code actual
        2 characteristic token characteristic.code
        3 code token code
        4 exclude code characteristic.exclude
        5 identifier token identifier
        6 managing-entity reference managingEntity -> Organization Practitioner PractitionerRole RelatedPerson
        7 member reference member.entity -> Device Group Medication Patient Practitioner PractitionerRole Substance
        8 type code type
        9 value token characteristic.value{CodeableConcept,Boolean}
    """),
    "List": (20, """
        1 code token code
        2 date date date
        3 empty-reason token emptyReason
        4 encounter reference encounter -> Encounter
        5 identifier token identifier
        6 item reference entry.item -> *
        7 notes string note.text
        8 patient reference subject:Patient -> Patient
        9 source reference source -> Device Patient Practitioner PractitionerRole
        10 status code status
        11 subject reference subject -> Device Group Location Patient
        12 title string title
    """),
    "PlanDefinition": (21, """
        1 composed-of reference relatedArtifact[type=composed-of].resource -> *
        2 context token useContext.valueCodeableConcept
        3 context-quantity quantity useContext.value{Quantity,Range}
        4 context-type token useContext.code
        5 date date date
        6 definition reference action.definitionCanonical -> ActivityDefinition PlanDefinition Questionnaire
        7 depends-on reference relatedArtifact[type=depends-on].resource | library -> *
        8 derived-from reference relatedArtifact[type=derived-from].resource -> *
        9 description string description
        10 effective date effectivePeriod
        11 identifier token identifier
        12 jurisdiction token jurisdiction
        13 name string name
        14 predecessor reference relatedArtifact[type=predecessor].resource -> *
        15 publisher string publisher
        16 status code status
        17 successor reference relatedArtifact[type=successor].resource -> *
        18 title string title
        19 topic token topic
        20 type token type
        21 url uri url
        22 version code version
    """),
}  # fmt: skip
