"""What a network's funding adds to the declaration of the service."""

from __future__ import annotations

from metrics_service.network_funding.entitlement_operation import network_entitlements
from metrics_service.network_funding.fund_operation import network_fund
from metrics_service.network_funding.impact_fund_operation import impact_fund, impact_fund_rules
from metrics_service.network_funding.role_claim_operation import role_claim
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "network-entitlements", network_entitlements, type="Measure",
            documentation="Every stream of a network's funding: amount, basis, conditions and how its claim stands.",
        ),
        Operation(
            "network-fund", network_fund, type="Measure", post_letter="u",
            documentation="The one designated fund of a network, and what was paid into it.",
        ),
        Operation(
            "role-claim", role_claim, type="Measure", post_letter="u",
            documentation="A network's claims of reimbursement for additional roles.",
        ),
        Operation(
            "impact-fund", impact_fund, type="Measure", post_letter="u",
            documentation="What a network achieved and earned of the Investment and Impact Fund.",
        ),
        Operation(
            "impact-fund-rules", impact_fund_rules, type="Measure", post_letter="u",
            documentation="The national rules of the Investment and Impact Fund for a financial year.",
        ),
    )
)  # fmt: skip
