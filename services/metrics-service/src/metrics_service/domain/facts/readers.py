"""Which reader reads what: by type of resource, and by kind of domain event."""

from __future__ import annotations

from metrics_service.domain.facts.actions import read_action
from metrics_service.domain.facts.activations import read_activation, read_recorded_activation
from metrics_service.domain.facts.adverse_reactions import read_adverse_reaction
from metrics_service.domain.facts.affiliations import read_affiliation, read_organisation
from metrics_service.domain.facts.appointments import read_appointment
from metrics_service.domain.facts.assessments import read_assessment
from metrics_service.domain.facts.budgets import read_budget
from metrics_service.domain.facts.cancer_diagnoses import told_cancer_diagnosis
from metrics_service.domain.facts.cancer_judgements import told_cancer_judgement
from metrics_service.domain.facts.cancer_presentations import read_cancer_presentation
from metrics_service.domain.facts.cancer_targets import told_cancer_target
from metrics_service.domain.facts.care_home_stays import read_care_home_stay
from metrics_service.domain.facts.care_homes import read_care_home
from metrics_service.domain.facts.case_registers import (
    told_named_professional,
    told_person_reviewed,
    told_register_decision,
)
from metrics_service.domain.facts.clinician_time import read_clinician_time
from metrics_service.domain.facts.clocks import told_clock
from metrics_service.domain.facts.conditions import read_condition
from metrics_service.domain.facts.confidence_answers import read_confidence
from metrics_service.domain.facts.consents import read_summary_consent
from metrics_service.domain.facts.discharges import read_day_91_status, read_discharge
from metrics_service.domain.facts.encounters import read_encounter
from metrics_service.domain.facts.extended_sessions import read_extended_session
from metrics_service.domain.facts.fact import EventReader, Reader
from metrics_service.domain.facts.home_rounds import told_home_round
from metrics_service.domain.facts.immunisations import read_immunisation
from metrics_service.domain.facts.list_sizes import told_list_size
from metrics_service.domain.facts.list_stays import told_list_stay
from metrics_service.domain.facts.medication_reviews import (
    read_recorded_review,
    read_reported_outcome,
    told_medication_review,
)
from metrics_service.domain.facts.meetings import told_meeting
from metrics_service.domain.facts.observations import read_observation
from metrics_service.domain.facts.offers import read_offer
from metrics_service.domain.facts.patient_stories import read_patient_story
from metrics_service.domain.facts.places_of_death import read_place_of_death
from metrics_service.domain.facts.plans import read_plan, told_plan_agreed, told_plan_reviewed
from metrics_service.domain.facts.practice_profiles import told_practice_profile
from metrics_service.domain.facts.prescription_costs import read_prescription_cost
from metrics_service.domain.facts.prescriptions import read_prescription
from metrics_service.domain.facts.recorded_cancers import read_recorded_cancer
from metrics_service.domain.facts.recorded_deaths import read_preferred_place, read_recorded_death
from metrics_service.domain.facts.referrals import read_cancer_information, read_declined_offer, read_referral
from metrics_service.domain.facts.relationship_contacts import read_relationship_contact
from metrics_service.domain.facts.safety_nets import told_safety_net
from metrics_service.domain.facts.screening import read_screening_invitation, read_screening_record
from metrics_service.domain.facts.shared_decisions import read_shared_decision, told_shared_decision
from metrics_service.domain.facts.staff_roles import told_staff
from metrics_service.domain.facts.survey_answers import read_care_home_experience

READERS: dict[str, tuple[Reader, ...]] = {
    "AllergyIntolerance": (read_adverse_reaction,),
    "Appointment": (read_appointment, read_relationship_contact, read_clinician_time),
    "CarePlan": (read_plan,),
    "Communication": (read_screening_invitation, read_offer),
    "Condition": (read_recorded_cancer, read_condition, read_recorded_death),
    "Consent": (read_summary_consent,),
    "DocumentReference": (read_patient_story,),
    "Encounter": (read_discharge, read_encounter, read_cancer_presentation),
    "EpisodeOfCare": (read_care_home_stay,),
    "Immunization": (read_immunisation,),
    "MedicationRequest": (read_prescription_cost, read_prescription),
    "Observation": (
        read_screening_record, read_day_91_status, read_place_of_death,
        read_recorded_activation, read_observation, read_recorded_death,
    ),
    "Organization": (read_organisation, read_care_home),
    "OrganizationAffiliation": (read_affiliation,),
    "Procedure": (read_screening_record, read_recorded_review),
    "QuestionnaireResponse": (
        read_reported_outcome, read_care_home_experience, read_preferred_place, read_confidence, read_activation,
        read_assessment, read_budget, read_shared_decision,
    ),
    "Schedule": (read_extended_session,),
    "ServiceRequest": (read_referral, read_cancer_information, read_declined_offer),
    "Task": (read_action,),
}  # fmt: skip
EVENT_READERS: dict[str, EventReader] = {
    "tandem.cancer-target.recorded": told_cancer_target,
    "tandem.cancer.diagnosed": told_cancer_diagnosis,
    "tandem.case-register.decided": told_register_decision,
    "tandem.case-register.professional-named": told_named_professional,
    "tandem.clock.breach-withdrawn": told_clock,
    "tandem.clock.breached": told_clock,
    "tandem.clock.closed": told_clock,
    "tandem.clock.started": told_clock,
    "tandem.clock.stopped": told_clock,
    "tandem.cohort.entered": told_list_stay,
    "tandem.cohort.left": told_list_stay,
    "tandem.list-size.recorded": told_list_size,
    "tandem.medication-review.completed": told_medication_review,
    "tandem.medication-review.withdrawn": told_medication_review,
    "tandem.meeting.held": told_meeting,
    "tandem.plan.agreed": told_plan_agreed,
    "tandem.plan.reviewed": told_plan_reviewed,
    "tandem.person.reviewed": told_person_reviewed,
    "tandem.practice-profile.recorded": told_practice_profile,
    "tandem.round.held": told_home_round,
    "tandem.round.withdrawn": told_home_round,
    "tandem.safety-net.closed": told_safety_net,
    "tandem.safety-net.opened": told_safety_net,
    "tandem.safety-net.reopened": told_safety_net,
    "tandem.shared-decision.completed": told_shared_decision,
    "tandem.staff-in-post.recorded": told_staff,
    "tandem.suspected-cancer.judged": told_cancer_judgement,
}
