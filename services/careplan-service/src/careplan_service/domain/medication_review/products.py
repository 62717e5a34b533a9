"""Lists of products: inhalers with a high carbon footprint (000 §2.13, SMR-027) and formularies (SMR-062)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careplan_service.domain.medication_review.codes import product_codes

ON, OFF, NOT_KNOWN = "on", "off", "not-known"


@dataclass(frozen=True, slots=True)
class Products:
    """Names by code of dm+d or SNOMED CT, which are one."""

    names: Mapping[str, str]

    def hold(self, concept: Any) -> bool:
        """Whether a medicine is among them by any of its codes."""
        return any(code in self.names for code in product_codes(concept))


def formulary_standing(formulary: Products | None, concept: Any) -> str:
    """`on` or `off` the formulary; `not-known` when none is loaded or the medicine has no code."""
    if formulary is None or not product_codes(concept):
        return NOT_KNOWN
    return ON if formulary.hold(concept) else OFF


def products_of(body: Any) -> Products:
    """Read the content of a version. Raises ValueError that names what is wrong."""
    listed = body.get("products") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ValueError("a list of products is an object with products, one or more")
    for each in listed:
        if not isinstance(each, dict) or not all(isinstance(each.get(name), str) for name in ("code", "name")):
            raise ValueError("products: each has a code of dm+d and a name")
        if not each["code"].isdecimal():
            raise ValueError("products: a code of dm+d is a number, written as text")
    return Products({each["code"]: each["name"] for each in listed})
