"""Which programmes bind a person's shared plan (decision 0010).

EHCH and AC by the person's lists, PCPC by the case register of the Doncaster specification: whoever the practice put
there and is on its list too (`complex-and-frail`; that list alone only proposes people). Any of them also by the
extension caused-by-service of the plan.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from careplan_service.domain.plans.checklist import PROGRAMMES
from tandem.canonical import CAUSED_BY_SERVICE
from tandem.fhir.body import Resource

RESIDENTS: Final = "care-home-residents"
ANTICIPATORY_CARE: Final = "anticipatory-care"
CASE_REGISTER: Final = "case-register"
"""Told by cohort-service when a practice puts somebody on its register or takes them off; no list is kept of it."""
COMPLEX_AND_FRAIL: Final = "complex-and-frail"
DEMENTIA: Final = "dementia"
END_OF_LIFE: Final = "last-12-months-of-life"

_BY_LIST: Final = (
    ("EHCH", {RESIDENTS}), ("AC", {ANTICIPATORY_CARE}), ("PCPC", {CASE_REGISTER, COMPLEX_AND_FRAIL}),
)  # fmt: skip


def programmes_of(plan: Resource, lists: AbstractSet[str]) -> frozenset[str]:
    """The programmes that bind a plan of somebody on these lists; PC binds every one."""
    caused = {each.get("valueCode") for each in plan.get("extension") or () if each.get("url") == CAUSED_BY_SERVICE}
    by_list = {programme for programme, asked in _BY_LIST if asked <= lists}
    return frozenset({"PC"} | by_list | caused.intersection(PROGRAMMES))
