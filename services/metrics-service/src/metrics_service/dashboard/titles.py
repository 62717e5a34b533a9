"""What services, organisations and stratifiers are called on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SERVICES: Final[Mapping[str, str]] = {
    "SMR": "Structured medication reviews", "EHCH": "Enhanced health in care homes", "AC": "Anticipatory care",
    "PC": "Personalised care", "ECD": "Early cancer diagnosis", "PCPC": "Proactive coordinated primary care",
    "PCN": "Primary care network",
}  # fmt: skip
KINDS: Final = {"practice": "practice", "network": "primary care network", "commissioner": "commissioner's area"}
RESPONSIBLE: Final = {
    "practice": "Practices", "network": "The network", "community-provider": "Community providers",
    "hospital": "Hospitals", "commissioner": "The commissioner", "care-home": "Care homes",
}  # fmt: skip
STRATIFIERS: Final = {
    "age": "Age", "sex": "Sex", "ethnicity": "Ethnic group", "deprivation": "Deprivation of where they live",
    "category": "Kind", "detail": "Further kind", "place": "Place", "organisation": "Organisation", "status": "State",
}  # fmt: skip
