"""Search parameters of the types of referral-service, in the notation of `tandem.fhir.search.parameters`."""

from __future__ import annotations

REFERRAL: dict[str, tuple[int, str]] = {
    "ServiceRequest": (37, """
        1 authored date authoredOn
        2 based-on reference basedOn -> CarePlan MedicationRequest ServiceRequest
        3 body-site token bodySite
        4 category token category
        5 code token code
        6 encounter reference encounter -> Encounter
        7 identifier token identifier
        8 instantiates-canonical reference instantiatesCanonical -> ActivityDefinition PlanDefinition
        9 instantiates-uri uri instantiatesUri
        10 intent code intent
        11 occurrence date occurrence{DateTime,Period,Timing}
        12 patient reference subject:Patient -> Patient
        13 performer reference performer -> CareTeam Device HealthcareService Organization Patient Practitioner
            PractitionerRole RelatedPerson
        14 performer-type token performerType
        15 priority code priority
        16 replaces reference replaces -> ServiceRequest
        17 requester reference requester -> Device Organization Patient Practitioner PractitionerRole RelatedPerson
        18 requisition token requisition
        19 specimen reference specimen -> Specimen
        20 status code status
        21 subject reference subject -> Device Group Location Patient
    """),
    "DiagnosticReport": (38, """
        1 based-on reference basedOn -> CarePlan ImmunizationRecommendation MedicationRequest NutritionOrder
            ServiceRequest
        2 category token category
        3 code token code
        4 conclusion token conclusionCode
        5 date date effective{DateTime,Period}
        6 encounter reference encounter -> Encounter
        7 identifier token identifier
        8 issued date issued
        9 media reference media.link -> Media
        10 patient reference subject:Patient -> Patient
        11 performer reference performer -> CareTeam Organization Practitioner PractitionerRole
        12 result reference result -> Observation
        13 results-interpreter reference resultsInterpreter -> CareTeam Organization Practitioner PractitionerRole
        14 specimen reference specimen -> Specimen
        15 status code status
        16 subject reference subject -> Device Group Location Patient
    """),
}  # fmt: skip
