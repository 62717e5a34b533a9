"""What suspected cancer referrals add to the declaration of the service."""

from __future__ import annotations

from referral_service.suspected_cancer.advice_operation import suspected_cancer_advice
from referral_service.suspected_cancer.completion import completed_with_information
from referral_service.suspected_cancer.criteria_operation import suspected_cancer_criteria
from referral_service.suspected_cancer.inform_operation import inform_patient
from referral_service.suspected_cancer.judgement_event import JUDGED
from referral_service.suspected_cancer.pathways_operation import pathways
from referral_service.suspected_cancer.person_listener import follow_person
from referral_service.suspected_cancer.person_rows import keep_found_person
from referral_service.suspected_cancer.protocol_operation import suspected_cancer_protocol
from referral_service.suspected_cancer.quality_operation import suspected_cancer
from referral_service.suspected_cancer.refer_operation import refer_suspected_cancer
from referral_service.suspected_cancer.referral_reaction import judge_referral
from referral_service.suspected_cancer.support_reaction import raise_support
from tandem.service import Listener, Operation
from tandem.service_part import Part

_TYPE = "ServiceRequest"

PART = Part(
    rules={_TYPE: (completed_with_information,)},
    reactions={_TYPE: (judge_referral, raise_support)},
    listeners=(Listener("keep-cancer-person", ("fhir.Patient.*",), follow_person),),
    patient_keepers=(keep_found_person,),
    emits={JUDGED: "A suspected cancer referral was judged: its urgency, and which type of cancer is suspected."},
    operations=(
        Operation(
            "refer-suspected-cancer", refer_suspected_cancer, type=_TYPE, letter="c", writes=True,
            documentation="Refers for suspected cancer by criterion or justification, protocol and pathway.",
        ),
        Operation(
            "suspected-cancer-advice", suspected_cancer_advice, type=_TYPE,
            documentation="What the criteria recommend for symptoms, age and sex.",
        ),
        Operation(
            "suspected-cancer-criteria", suspected_cancer_criteria, type=_TYPE, post_letter="u",
            documentation="The versions of the criteria for suspected cancer; POST publishes the next.",
        ),
        Operation(
            "suspected-cancer-protocol", suspected_cancer_protocol, type=_TYPE, post_letter="u",
            documentation="A network's protocol for suspected cancer; POST publishes the next version.",
        ),
        Operation(
            "pathways", pathways, type=_TYPE, post_letter="u",
            documentation="Where suspected cancer referrals of an area go, and from which day; POST sets one.",
        ),
        Operation(
            "inform-patient", inform_patient, level="instance", type=_TYPE, letter="u", writes=True,
            documentation="Records what the person was told about a suspected cancer referral.",
        ),
        Operation(
            "suspected-cancer", suspected_cancer, level="instance", type=_TYPE,
            documentation="Why and how somebody was referred for suspected cancer, what was told, what support came.",
        ),
    ),
)  # fmt: skip
