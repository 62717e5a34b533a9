"""What the case register adds to the declaration of the service."""

from __future__ import annotations

from cohort_service.case_register.announcements import EMITS
from cohort_service.case_register.baseline_operation import case_register_baseline
from cohort_service.case_register.case_listener import enter_accepted_case
from cohort_service.case_register.entry_operation import case_register_entry
from cohort_service.case_register.load_operation import load_unplanned_admissions_register
from cohort_service.case_register.professional_operations import assign, caseload
from cohort_service.case_register.query_operation import case_register_query
from cohort_service.case_register.register_operation import case_register
from cohort_service.case_register.run_operation import case_register_run
from cohort_service.case_register.sign_off_operation import case_register_sign_off
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("enter-accepted-case", ("tandem.case.accepted",), enter_accepted_case),),
    operations=(
        Operation(
            "case-register", case_register, level="instance", type="Organization",
            documentation="A practice's case register: its floor, sources, caseloads, queries, sign-offs and entries.",
        ),
        Operation(
            "case-register-run", case_register_run, level="instance", type="Organization", letter="u", writes=True,
            documentation="Looks through profile, alerts, risk scores, judgements and lists for candidates.",
        ),
        Operation(
            "case-register-entry", case_register_entry, level="instance", type="Organization", letter="u", writes=True,
            documentation="Puts people on the case register with their sources, or keeps them off it with the reason.",
        ),
        Operation(
            "load-unplanned-admissions-register", load_unplanned_admissions_register, level="instance",
            type="Organization", letter="u", writes=True,
            documentation="Loads the case register of the Avoidable Unplanned Admissions scheme.",
        ),
        Operation(
            "case-register-query", case_register_query, level="instance", type="Organization", post_letter="u",
            documentation="A commissioner asks how the register was compiled, and the practice answers.",
        ),
        Operation(
            "case-register-sign-off", case_register_sign_off, level="instance", type="Organization", post_letter="u",
            documentation="Versions of the register that the practice asked for and the commissioner agreed.",
        ),
        Operation(
            "case-register-baseline", case_register_baseline, level="instance", type="Organization", post_letter="u",
            documentation="The information that a practice gives before delivery begins, as of its day.",
        ),
        Operation(
            "assign", assign, level="instance", type="Group", letter="u", writes=True,
            documentation="Names the professional who oversees the care of a person on the case register.",
        ),
        Operation(
            "caseload", caseload, level="instance", type="Group",
            documentation="The named professionals with their people, and who has none.",
        ),
    ),
    emits=EMITS,
)  # fmt: skip
