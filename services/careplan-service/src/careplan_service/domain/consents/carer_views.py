"""A carer's views enter the plan with the person's consent (003 §2.3 ex7; PCPC-044).

They are the answers to the item `carer-view` of the plan's Questionnaire, whoever wrote them down. Consent is a Consent
of category `carers-part` that names the carer (`tandem.identity.carers`).
"""

from __future__ import annotations

import re
from typing import Any, Final

from tandem.canonical import QUESTIONNAIRE
from tandem.fhir.body import Resource

CONTENT: Final = f"{QUESTIONNAIRE}/personalised-care-and-support-plan"
CARER_VIEW: Final = "carer-view"
NO_CONSENT: Final = (
    "A carer's views are recorded with the person's consent: first record a Consent of category carers-part, active,"
    " whose provision permits the RelatedPerson (003 §2.3 ex7; PCPC-044)"
)
_SAYS_NOTHING: Final = ("entered-in-error", "stopped")
_CARER: Final = re.compile(r"RelatedPerson/([A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")


def carer_views(response: Resource | None) -> list[Any]:
    """The answers to `carer-view` of a response to the plan's Questionnaire; none when it says nothing."""
    if response is None or response.get("status") in _SAYS_NOTHING:
        return []
    if str(response.get("questionnaire") or "").partition("|")[0] != CONTENT:
        return []
    items = [item for item in response.get("item") or () if item.get("linkId") == CARER_VIEW]
    return [answer for item in items for answer in item.get("answer") or ()]


def carer_named(response: Resource) -> str | None:
    """The id of the RelatedPerson who says so, by source, else by author; None when the response names none."""
    for name in ("source", "author"):
        match = _CARER.fullmatch(str((response.get(name) or {}).get("reference") or ""))
        if match is not None:
            return match[1]
    return None
