"""Canonical addresses of what Tandem itself defines, and of the systems everyone else defines."""

from __future__ import annotations

BASE = "https://tandem.example/fhir"
"""Our own namespace: a reserved domain, because these names are identifiers and no page answers there."""

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
SNOMED_CT = "http://snomed.info/sct"
DMD = "https://dmd.nhs.uk"
DELIVERY_CHANNEL = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel"
"""Extension of UK Core, valueCode: In-person, Telephone or Video."""
SOURCE_OF_REQUEST = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-SourceOfServiceRequest"
"""Extension of UK Core on ServiceRequest, valueCodeableConcept: who it came from."""
PERTAINS_TO_GOAL = "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal"
"""Extension of R4 on a Task or ServiceRequest, valueReference: a Goal that it goes towards."""

ORGANISATION_TYPE = f"{BASE}/CodeSystem/organisation-type"
"""practice, network, commissioner, community-provider, mental-health, care-home, pharmacy, voluntary, social-care,
acute-trust, national-body (such as NHS England)."""
AFFILIATION_ROLE = f"{BASE}/CodeSystem/affiliation-role"
"""OrganizationAffiliation.code: `member` (of a network), `sharing-agreement`, `mdt-agreement`,
`governance-agreement`, `support-coordination-agreement`."""
CARE_HOME_ALIGNMENT = "care-home-alignment"
"""Of AFFILIATION_ROLE: `organization` is the network, `participatingOrganization` the care home aligned to it."""
AGREEMENT_SIGNATURE = f"{BASE}/StructureDefinition/agreement-signature"
"""Extension on OrganizationAffiliation, one a party: sub-extensions `party` (Reference), `signed` (dateTime) and `user`
(Reference, who signed for it)."""
AGREEMENT_TERMS = f"{BASE}/StructureDefinition/agreement-terms"
"""Extension on OrganizationAffiliation: sub-extensions `purpose` (code, of v3-PurposeOfUse) and `data` (code, a FHIR
type), each repeated. What it does not limit is open."""
REQUIREMENT_INTRODUCTION = f"{BASE}/StructureDefinition/requirement-introduction"
"""Extension of a PlanDefinition: how it stands with a network: `state` (in-force, upcoming, ended, announced),
`from` and `until` (dates, where it has such days), and `switched`: whether a decision for the network set them."""
TIMELINE_ENTRY = f"{BASE}/StructureDefinition/timeline-entry"
"""Extension on Bundle.entry: sub-extensions `record` (Reference), `date` (dateTime), `what` (string) and `author`
(Reference to the organisation that recorded it)."""
CAUSED_BY_SERVICE = f"{BASE}/StructureDefinition/caused-by-service"
"""Extension on a CarePlan or one of its activities, valueCode: the service of the specifications (EHCH, AC, PC, ...)
that is the reason for it."""
PLAN_REVIEW = f"{BASE}/StructureDefinition/plan-review"
"""Extension on CarePlan, its last review: sub-extensions `at` (dateTime), `reason` (CodeableConcept), `reviewer`
(Reference), `next` (date) and `note` (string)."""
PLAN_ACTIVITY = f"{BASE}/StructureDefinition/plan-activity"
"""Extension on a ServiceRequest, valueString: the element id of the activity, written out in the plan that it is based
on, that it was made of."""
CARE_TEAM_ROLE = f"{BASE}/CodeSystem/care-team-role"
"""CareTeam.participant.role: `named-gp`, `care-coordinator`, `responsible-lead`, `named-professional`, `key-contact`,
`clinical-team`, `carer`; of a multidisciplinary team its disciplines."""
CARE_TEAM_CATEGORY = f"{BASE}/CodeSystem/care-team-category"
"""CareTeam.category: `mdt` (a multidisciplinary team, without subject), `neighbourhood-team`, `named-clinical-team`,
`plan-team`."""
TASK_KIND = f"{BASE}/CodeSystem/task-kind"
"""Task.code of the shared process: `action`, `agenda-item`, `home-flag`, `triage`, `duty`, `chase`, `follow-up`,
`urgent-enquiry`, `case-finding`, `admission-review`, `proactive-contact`, `register-review`, `assessment-part`,
`round-review`, `round-preparation`, `support-delivery`."""
APPOINTMENT_KIND = f"{BASE}/CodeSystem/appointment-kind"
"""Appointment.serviceType of the shared process: `mdt-meeting`, `home-round`, `structured-medication-review`,
`register-review`, `joint-consultation`, `home-visit`, `care-home-visit`, `significant-event-session`,
`relationship-building` (of a link worker with an organisation), ...; of a Schedule also `extended-hours`."""
QUESTIONNAIRE = f"{BASE}/Questionnaire"
"""Beginning of the addresses of the Questionnaires that are shipped."""
QUESTIONNAIRE_ANSWER = f"{BASE}/CodeSystem/questionnaire-answer"
"""The answer options of the Questionnaires that are shipped; what a code means depends on its item."""
PART_OF_ASSESSMENT = f"{BASE}/StructureDefinition/part-of-assessment"
"""Extension on QuestionnaireResponse, valueReference: the QuestionnaireResponse that it is a part of."""
SERVICE_NAME = f"{BASE}/Id/service"
"""Identifier of one of our own services, such as `careplan-service`."""
CARE_TEAM_HAND_OVER = f"{BASE}/StructureDefinition/care-team-hand-over"
"""Extension on CareTeam.participant that took a role over: sub-extensions `from` (Reference), `reason` (string), `at`
(instant)."""
CONSENT_CATEGORY = f"{BASE}/CodeSystem/consent-category"
"""Consent.category: `enriched-summary` (the person is asked to share it), `carers-part` (of a RelatedPerson)."""
ENRICHED_SUMMARY_SECTION = f"{BASE}/CodeSystem/enriched-summary-section"
"""Composition.section.code of an enriched summary: `problems`, `past-problems`, `care-plan`, `communication`,
`end-of-life`, `medicines`, `medicines-without-reason`, `allergies`, `immunisations`."""
STAFF_KIND = f"{BASE}/CodeSystem/staff-kind"
"""PractitionerRole.code: what kind of professional somebody is (`tandem.nhs.staff_kinds`)."""
PRACTITIONER_QUALIFICATION = f"{BASE}/CodeSystem/practitioner-qualification"
"""Practitioner.qualification.code, with its period: `independent-prescriber`, `advanced-assessment-and-history-taking`,
`medication-review-training` (enrolled on a training pathway towards both), `shared-decision-making-training`."""
MEDICATION_REVIEW = f"{BASE}/CodeSystem/medication-review"
"""Composition.section.code of a structured medication review, the codes of its steps, and Composition.category:
`initial`, `follow-up-review`."""
MEDICINE_DECISION = f"{BASE}/StructureDefinition/medicine-decision"
"""Extension on a section of a medication review, one section a medicine: sub-extensions `decision` (code), `reason`
(CodeableConcept), `medicine` (CodeableConcept, what is taken instead or from now on), `dosage` (string), `formulary`
(code) and `formulary-version` (string)."""
REVIEW_FOLLOW_UP = f"{BASE}/StructureDefinition/review-follow-up"
"""Extension on the section `follow-up` of a medication review: sub-extension `on` (date), or `end` (string, why none
follows)."""
MEDICATION_REVIEW_TRIGGER = f"{BASE}/StructureDefinition/medication-review-trigger"
"""Extension on a ServiceRequest for a medication review, valueCode: what gave rise to it, a code of the guidance on
reactive referral (docs/support-requests.md)."""
MDT_ARRANGEMENT = f"{BASE}/StructureDefinition/mdt-arrangement"
"""Extension on a CareTeam without subject (`tandem.nhs.mdt_arrangement`): sub-extensions `cadence` (Timing), `quorum`
(positiveInt), `list` (code of a cohort), `care-home` (Reference, repeated) and `service` (code)."""
MDT_TEAM = f"{BASE}/StructureDefinition/mdt-team"
"""Extension on a Schedule or Appointment, valueReference: the CareTeam whose meetings these are."""
MEETING_SERIES = f"{BASE}/StructureDefinition/meeting-series"
"""Extension on an Appointment, valueReference: the Schedule that the meeting belongs to."""
MEETING_RECORD = f"{BASE}/CodeSystem/meeting-record"
"""Task.output.type of what a meeting says of somebody, Task.reasonCode of why it does: see docs/meetings.md."""
FLAG_KIND = f"{BASE}/CodeSystem/flag-kind"
"""Flag.code: `legal-right-to-personal-health-budget`."""
CARE_COMPONENT = f"{BASE}/CodeSystem/personalised-care-component"
"""CarePlan.activity.detail.code: which of the six components of personalised care an activity belongs to."""
REFERRAL_KIND = f"{BASE}/CodeSystem/referral-kind"
"""ServiceRequest.category: the process that a referral claims, of tandem/nhs/referral_kinds.yaml."""
SUPPORT_OFFER = f"{BASE}/CodeSystem/support-offer"
"""HealthcareService.type and ServiceRequest.code: what support is offered or asked for, of the catalogue of support
offers that cohort-service keeps."""
SUPPORT_SECTOR = f"{BASE}/CodeSystem/support-sector"
"""HealthcareService.category of a support offer: `statutory` or `voluntary`, where its provider's kind is not known."""
SERVES_NETWORK = f"{BASE}/StructureDefinition/serves-network"
"""Extension on HealthcareService, valueReference, repeated: a network whose people it is for, or a commissioner, which
stands for all its networks. Without it a support offer is for the networks that its provider is, or is a member of."""
SUSPECTED_CANCER = f"{BASE}/StructureDefinition/suspected-cancer"
"""Extension on a ServiceRequest for suspected cancer, why and how it is referred (docs/suspected-cancer.md):
sub-extensions `criterion` (code, repeated), `guideline` (string), `urgency` (code), `justification` (string),
`cancer-type` (code), `step` (code of the network's protocol, repeated), `protocol` (string), `tool` (string), `routing`
(string), `recurrence` (boolean), `previous-cancer` (CodeableConcept), `treated` (dateTime), `offered-pathway`
(Reference)."""
SUSPECTED_CANCER_SYMPTOM = f"{BASE}/CodeSystem/suspected-cancer-symptom"
"""ServiceRequest.reasonCode: the symptoms and findings of the criteria of referral-service."""
PATIENT_INFORMATION = f"{BASE}/StructureDefinition/patient-information"
"""Extension on a ServiceRequest, what the person was told of it: sub-extensions `given` (dateTime), `format` (code),
`why-referred`, `importance-of-attending`, `further-support` (strings) and `by` (Reference)."""
EXTRA_SUPPORT = f"{BASE}/StructureDefinition/extra-support"
"""Extension on a ServiceRequest whose person needs support for it: sub-extensions `need` (string) and `performer`
(Reference to the organisation that supports; without it the network)."""
REFERRAL_PROGRESS = f"{BASE}/CodeSystem/referral-progress"
"""Task.businessStatus of a completed Task of a referral: `partly-fulfilled` leaves the referral open."""
REQUEST_STATUS_REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
"""Extension of R4, valueCodeableConcept: why a request has its status. R4 has no ServiceRequest.statusReason."""
REFERRAL_ENDED = f"{BASE}/CodeSystem/referral-ended"
"""Why a referral was revoked, in the extension request-statusReason: `redirected`, `replaced`."""
REFERRAL_RECEIVED = f"{BASE}/StructureDefinition/referral-received"
"""Extension on ServiceRequest, valueDateTime: when an urgent referral was received, where that was not when it was
written, as by telephone."""
URGENT_RESPONSE_NEED = f"{BASE}/CodeSystem/urgent-response-need"
"""ServiceRequest.reasonCode of an urgent community response: `fall`, `decompensated-frailty`, `reduced-function`,
`palliative-crisis`, `urgent-equipment`, `confusion-or-delirium`, `urgent-catheter-care`, `urgent-diabetes-support`,
`unpaid-carer-breakdown`."""
URGENT_RESPONSE_PURPOSE = f"{BASE}/CodeSystem/urgent-response-purpose"
"""ServiceRequest.reasonCode of an urgent community response: `avoid-admission`, `timely-discharge`."""
OFFER_ANSWER = f"{BASE}/StructureDefinition/offer-answer"
"""Extension on a ServiceRequest of intent proposal, what the person said to it: sub-extensions `answer` (code,
`accepted` or `declined`), `by` (Reference to the Patient or a RelatedPerson), `on` (date) and `reason` (string)."""
REFERRAL_SOURCE = f"{BASE}/CodeSystem/referral-source"
"""Code in SOURCE_OF_REQUEST: `gp`, `hospital`, `other-professional`, `self`."""
SOCIAL_PRESCRIBING_OUTPUT = f"{BASE}/CodeSystem/social-prescribing-output"
"""Task.output.type of a link worker: `contact` (dateTime or Period), `community-asset` (Reference to a
HealthcareService), `outcome` (CodeableConcept or string), `case-closed` (date or dateTime)."""
RIGHT_TO_CHOOSE = f"{BASE}/StructureDefinition/legal-right-to-choose"
"""Extension on a ServiceRequest whose person has a legal right to choose: sub-extensions `right` (code), `offered`
(dateTime), `option` (Reference, repeated) and `choice` (Reference, one of them)."""
CANCER_CONCERN = f"{BASE}/CodeSystem/cancer-concern"
"""ServiceRequest.code of a concern without referral: `risk-symptom`, `significant-concern` (docs/safety-nets.md)."""
SAFETY_NET_TRIGGER = f"{BASE}/CodeSystem/safety-net-trigger"
"""ServiceRequest.asNeededCodeableConcept, what lets the person start the review: `developed`, `recurred`, `persisted`,
`worsened`, `concern-continues`."""
READY_FOR_DISCHARGE = f"{BASE}/StructureDefinition/ready-for-discharge"
"""Extension on an inpatient Encounter, valueDate: the day on which the person was ready to leave hospital."""
NET_INGREDIENT_COST = f"{BASE}/StructureDefinition/net-ingredient-cost"
"""Extension on a MedicationRequest, valueMoney in GBP: what the prescription cost."""
SYSTEM_INDICATOR = f"{BASE}/CodeSystem/system-indicator"
"""Observation.code: `at-home-91-days-after-discharge` (boolean; `encounter` is the hospital stay),
`preferred-place-of-death`, `place-of-death`, whose values are `home`, `care-home`, `hospice`, `hospital` and
`elsewhere`."""
DOCUMENT_KIND = f"{BASE}/CodeSystem/document-kind"
"""DocumentReference.type: `patient-story`."""
CARE_HOME_BEDS = f"{BASE}/StructureDefinition/care-home-beds"
"""Extension on the Organization of a care home: the number of its beds, a positiveInt."""
COMMUNICATION_CATEGORY = f"{BASE}/CodeSystem/communication-category"
"""Communication.category of ours: `invitation`."""
