"""Search parameters of the types of mdt-service, in the notation of `tandem.fhir.search.parameters`."""

from __future__ import annotations

MDT: dict[str, tuple[int, str]] = {
    "Task": (32, """
        1 authored-on date authoredOn
        2 based-on reference basedOn -> *
        3 business-status token businessStatus
        4 code token code
        5 encounter reference encounter -> Encounter
        6 focus reference focus -> *
        7 group-identifier token groupIdentifier
        8 identifier token identifier
        9 intent code intent
        10 modified date lastModified
        11 owner reference owner -> CareTeam Device HealthcareService Organization Patient Practitioner
            PractitionerRole RelatedPerson
        12 part-of reference partOf -> Task
        13 patient reference for:Patient -> Patient
        14 performer token performerType
        15 period date executionPeriod
        16 priority code priority
        17 requester reference requester -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        18 status code status
        19 subject reference for -> *
    """),
    "Appointment": (33, """
        1 actor reference participant.actor -> Device HealthcareService Location Patient Practitioner
            PractitionerRole RelatedPerson
        2 appointment-type token appointmentType
        3 based-on reference basedOn -> ServiceRequest
        4 date date start
        5 identifier token identifier
        6 location reference participant.actor:Location -> Location
        7 part-status code participant.status
        8 patient reference participant.actor:Patient -> Patient
        9 practitioner reference participant.actor:Practitioner -> Practitioner
        10 reason-code token reasonCode
        11 reason-reference reference reasonReference -> Condition ImmunizationRecommendation Observation Procedure
        12 service-category token serviceCategory
        13 service-type token serviceType
        14 slot reference slot -> Slot
        15 specialty token specialty
        16 status code status
        17 supporting-info reference supportingInformation -> *
        18 mode code extension[url=@DELIVERY_CHANNEL].valueCode
    """),
    "Schedule": (34, """
        1 active code active
        2 actor reference actor -> Device HealthcareService Location Patient Practitioner PractitionerRole
            RelatedPerson
        3 date date planningHorizon
        4 identifier token identifier
        5 service-category token serviceCategory
        6 service-type token serviceType
        7 specialty token specialty
    """),
    "Slot": (35, """
        1 appointment-type token appointmentType
        2 identifier token identifier
        3 schedule reference schedule -> Schedule
        4 service-category token serviceCategory
        5 service-type token serviceType
        6 specialty token specialty
        7 start date start
        8 status code status
    """),
    "Communication": (36, """
        1 based-on reference basedOn -> *
        2 category token category
        3 encounter reference encounter -> Encounter
        4 identifier token identifier
        5 instantiates-canonical reference instantiatesCanonical -> ActivityDefinition Measure OperationDefinition
            PlanDefinition Questionnaire
        6 instantiates-uri uri instantiatesUri
        7 medium token medium
        8 part-of reference partOf -> *
        9 patient reference subject:Patient -> Patient
        10 received date received
        11 recipient reference recipient -> CareTeam Device Group HealthcareService Organization Patient
            Practitioner PractitionerRole RelatedPerson
        12 sender reference sender -> Device HealthcareService Organization Patient Practitioner PractitionerRole
            RelatedPerson
        13 sent date sent
        14 status code status
        15 subject reference subject -> Group Patient
    """),
}  # fmt: skip
