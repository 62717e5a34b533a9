"""Ethnic category codes of the NHS Data Dictionary (2001) in words.

https://www.datadictionary.nhs.uk/data_elements/ethnic_category.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ETHNIC_CATEGORIES: Final[Mapping[str, str]] = {
    "A": "White: British", "B": "White: Irish", "C": "White: any other", "D": "Mixed: White and Black Caribbean",
    "E": "Mixed: White and Black African", "F": "Mixed: White and Asian", "G": "Mixed: any other",
    "H": "Asian: Indian", "J": "Asian: Pakistani", "K": "Asian: Bangladeshi", "L": "Asian: any other",
    "M": "Black: Caribbean", "N": "Black: African", "P": "Black: any other", "R": "Chinese",
    "S": "Any other ethnic group", "Z": "Not stated", "99": "Not known",
}  # fmt: skip
