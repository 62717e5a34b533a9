"""The postcode sector of a home address, by which the area of a network is known (PCN-064)."""

from __future__ import annotations

import re
from typing import Any

from tandem.fhir.body import Resource

_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d)[A-Z]{2}")
_SECTOR = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) (\d)")
_ELSEWHERE = ("old", "temp", "billing", "work")


def sector_of(patient: Resource | None) -> str | None:
    """`LS1 4` for LS1 4AP, of the address where the person lives now; None when that is not known."""
    addresses: list[dict[str, Any]] = (patient or {}).get("address") or []
    lived_in = [each for each in addresses if each.get("use") not in _ELSEWHERE and not _ended(each)]
    for address in sorted(lived_in, key=lambda each: each.get("use") != "home"):
        match = _POSTCODE.fullmatch(re.sub(r"\s", "", str(address.get("postalCode") or "")).upper())
        if match is not None:
            return f"{match[1]} {match[2]}"
    return None


def is_sector(text: str) -> bool:
    """Whether a text is a postcode sector with one space, in capitals: `LS1 4`."""
    return _SECTOR.fullmatch(text) is not None


def _ended(address: dict[str, Any]) -> bool:
    return bool((address.get("period") or {}).get("end"))
