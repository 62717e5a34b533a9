"""ODS codes: how the Organisation Data Service names practices, networks and providers.

The system is `https://fhir.nhs.uk/Id/ods-organization-code`, with a z. Records that spell it with an s are common;
they are matched as if it were right, and we always write the z.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from tandem import canonical

ODS_SITE_CODE = "https://fhir.nhs.uk/Id/ods-site-code"
MISSPELT_SYSTEM = "https://fhir.nhs.uk/Id/ods-organisation-code"

_PRACTICE = re.compile(r"[A-TV-Z][0-9]{5}")
_NETWORK = re.compile(r"U[0-9]{5}")
_CODE = re.compile(r"[A-Z0-9]{3,10}")


class Shape(Enum):
    """What the form of a code alone says about the organisation."""

    PRACTICE = "practice"
    NETWORK = "network"
    OTHER = "other"


class InvalidOdsCode(ValueError):
    """The text has not the form of an ODS code: 3 to 10 letters and digits."""


def is_practice_code(code: str) -> bool:
    """A letter other than U and five digits, such as `Y05868`."""
    return bool(_PRACTICE.fullmatch(code))


def is_network_code(code: str) -> bool:
    """The letter U and five digits: a primary care network."""
    return bool(_NETWORK.fullmatch(code))


def shape(code: str) -> Shape:
    """The shape of a normalised code."""
    if is_practice_code(code):
        return Shape.PRACTICE
    return Shape.NETWORK if is_network_code(code) else Shape.OTHER


def normalise(text: str) -> str:
    """The code in capitals without surrounding space. Raises InvalidOdsCode when it is no ODS code."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise InvalidOdsCode("an ODS code has 3 to 10 letters and digits")
    return code


def normalise_system(system: str) -> str:
    """The identifier system with the misspelt ODS one put right; any other system as it is."""
    return canonical.ODS_CODE if system == MISSPELT_SYSTEM else system


def organisation_code(organisation: Mapping[str, Any]) -> str | None:
    """The first ODS code among the identifiers of an Organization, normalised; None when it has none (a charity)."""
    for identifier in organisation.get("identifier", ()):
        system, value = identifier.get("system"), identifier.get("value")
        if isinstance(system, str) and isinstance(value, str) and normalise_system(system) == canonical.ODS_CODE:
            try:
                return normalise(value)
            except InvalidOdsCode:
                continue
    return None
