"""What networks add to the declaration of cohort-service."""

from __future__ import annotations

from cohort_service.domain.networks.affiliation import affiliation_is_complete
from cohort_service.domain.networks.leads import lead_is_complete
from cohort_service.networks.affiliation_rows import follow_membership, keep_affiliations
from cohort_service.networks.area_operation import areas
from cohort_service.networks.cancer_target_event import RECORDED as CANCER_TARGET_RECORDED
from cohort_service.networks.cancer_target_operation import cancer_target
from cohort_service.networks.care_home_operation import care_homes
from cohort_service.networks.known_organisations import settle_organisation
from cohort_service.networks.lead_operation import leads
from cohort_service.networks.lead_rows import keep_leads
from cohort_service.networks.list_size_event import RECORDED as LIST_SIZE_RECORDED
from cohort_service.networks.list_size_operation import list_size
from cohort_service.networks.offer_rows import TURN_OF_DAY, turn_of_day
from cohort_service.networks.population_operation import population
from cohort_service.networks.profile_event import RECORDED as PROFILE_RECORDED
from cohort_service.networks.profile_operation import practice_profile
from cohort_service.networks.registration_offer_operation import registration_offer
from cohort_service.networks.responsible_operation import responsible
from cohort_service.networks.staff_event import RECORDED as STAFF_RECORDED
from cohort_service.networks.stay_rows import follow_person, keep_stay
from cohort_service.networks.sub_contract_operations import accountable, sub_contracts
from cohort_service.networks.workforce_operations import indicated, staff
from tandem.service import Operation, Timer
from tandem.service_part import Part

_READ = (
    ("Organization", "workforce", indicated, "Indicative additional staff of a year beside those in post."),
    ("Organization", "population", population, "People registered in a network, and who of them lives in another."),
    ("Organization", "leads", leads, "The Clinical Director and the leads of a network's services on a day."),
    ("Patient", "responsible", responsible, "Who delivers the care home requirements for a resident."),
    ("Encounter", "accountable", accountable, "Who delivers an activity, and the network accountable for it."),
)
_READ_AND_RECORDED = (
    ("Organization", "list-size", list_size, "People registered, raw and weighted, by day; of a network the sum."),
    ("Organization", "staff-in-post", staff, "Staff in post of a network, by role and day."),
    ("Organization", "care-homes", care_homes, "Care homes with their network, what was agreed and what is missing."),
    ("Organization", "sub-contracts", sub_contracts, "Services that somebody else delivers for a network or practice."),
    ("Organization", "areas", areas, "Postcode sectors and the network in whose area they are."),
    ("Organization", "practice-profile", practice_profile, "A commissioner's profile of a practice's population."),
    ("Organization", "cancer-target", cancer_target, "A network's place, Cancer Alliance and cancer target."),
    ("Patient", "registration-offer", registration_offer, "The offer to re-register with the network of the home."),
)

PART = Part(
    rules={"OrganizationAffiliation": (affiliation_is_complete,), "PractitionerRole": (lead_is_complete,)},
    reactions={
        "Organization": (settle_organisation,),
        "OrganizationAffiliation": (keep_affiliations, follow_membership),
        "PractitionerRole": (keep_leads,),
        "EpisodeOfCare": (keep_stay,),
        "Patient": (follow_person,),
    },
    timers=(Timer(TURN_OF_DAY, turn_of_day),),
    operations=tuple(
        Operation(
            name, handler, level="instance", type=resource_type, post_letter=post_letter, documentation=documentation
        )
        for operations, post_letter in ((_READ, None), (_READ_AND_RECORDED, "u"))
        for resource_type, name, handler, documentation in operations
    ),
    emits={
        PROFILE_RECORDED: "What is recorded of a practice's population, with everything recorded of it by day.",
        CANCER_TARGET_RECORDED: "A Cancer Alliance or a place set its target for early diagnosis of cancer.",
        LIST_SIZE_RECORDED: "How many people are registered with a practice by a day was recorded, raw and weighted.",
        STAFF_RECORDED: "Who is in post in a role of a network was recorded; with everything recorded of that role.",
    },
)
