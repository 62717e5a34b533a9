"""The assessments that a service asks for, by the name of their Questionnaire."""

from __future__ import annotations

from typing import Final

COMPREHENSIVE: Final = "comprehensive-needs-assessment"
TARGETED: Final = "targeted-needs-assessment"
COORDINATION: Final = "care-coordination-review"
ANTICIPATORY_CARE: Final = (COMPREHENSIVE, TARGETED, COORDINATION)
"""What the network coordinates and delivers for the people on the list of anticipatory care (AC-043)."""

HOLISTIC: Final = "holistic-assessment"
"""Of care home residents, over five domains (EHCH-045)."""

ASSESSMENTS: Final = (
    *ANTICIPATORY_CARE, HOLISTIC, "falls-assessment", "delirium-assessment", "cognitive-assessment",
    "carer-assessment",
)  # fmt: skip
"""Those whose findings a plan shows."""
