"""What agreements add to the service."""

from __future__ import annotations

from cohort_service.agreements.agreements_operation import agreements
from cohort_service.agreements.document_rows import keep_document
from cohort_service.agreements.draft_operation import draft_agreement
from cohort_service.agreements.new_members import ask_new_member
from cohort_service.agreements.sign_operation import sign
from cohort_service.agreements.templates_operation import agreement_templates
from tandem.service import Operation
from tandem.service_part import Part

_TYPE = "OrganizationAffiliation"

PART = Part(
    reactions={_TYPE: (keep_document, ask_new_member)},
    operations=(
        Operation(
            "agreement-templates", agreement_templates, type=_TYPE,
            documentation="The templates of data sharing, multidisciplinary team and governance agreements.",
        ),
        Operation(
            "draft-agreement", draft_agreement, type=_TYPE, letter="c", writes=True,
            documentation="Drafts an agreement from a template with its parties filled in, unsigned.",
        ),
        Operation(
            "sign", sign, level="instance", type=_TYPE, letter="u", writes=True,
            documentation="The caller's organisation signs an agreement that it is a party to.",
        ),
        Operation(
            "agreements", agreements, type=_TYPE,
            documentation="How the agreements of a network or practice stand on a day: draft, overdue, agreed, active"
            " or ended.",
        ),
    ),
)  # fmt: skip
