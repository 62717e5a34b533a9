"""A legal right to choose is offered and used before a referral is made (PC-005; 000 §5.5 c3, NHS Choice Framework).

Whoever refers somebody who has such a right records that the choice was offered, between whom, and what was chosen, in
the extension legal-right-to-choose. A referral that names a right without them is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tandem.canonical import RIGHT_TO_CHOOSE
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue

RIGHTS: Final = ("first-outpatient-provider", "mental-health-provider", "waiting-too-long", "personal-health-budget")
"""Where first to be seen by a consultant, who treats mental ill health, another provider after too long a wait, and how
care is arranged with a budget of one's own."""
_OPEN: Final = ("active", "on-hold", "completed")
_PLACE: Final = "ServiceRequest.extension"
_SOURCE: Final = "000 §5.5 c3"


def choice_is_offered(request: Resource) -> Iterator[Issue]:
    """Says what is missing of a choice that the person has a right to; a draft may still lack it."""
    if request.get("status") not in _OPEN or request.get("intent") == "proposal":
        return
    for each in request.get("extension") or ():
        if each.get("url") == RIGHT_TO_CHOOSE:
            yield from _faults(list(each.get("extension") or ()))


def _faults(parts: list[dict[str, Any]]) -> Iterator[Issue]:
    given = {part.get("url"): part for part in parts}
    if (given.get("right") or {}).get("valueCode") not in RIGHTS:
        yield Issue(f"legal-right-to-choose.right is one of {', '.join(RIGHTS)} ({_SOURCE})", _PLACE)
    missing = [name for name in ("offered", "choice") if name not in given]
    if missing:
        words = {"offered": "when the choice was offered", "choice": "what was chosen"}
        told = " and ".join(f"{name} ({words[name]})" for name in missing)
        yield Issue(
            f"A referral with a legal right to choose records {told} in legal-right-to-choose ({_SOURCE})", _PLACE
        )
        return
    options = [part.get("valueReference") for part in parts if part.get("url") == "option"]
    if options and given["choice"].get("valueReference") not in options:
        yield Issue(f"The choice is one of the options that were offered ({_SOURCE})", _PLACE)
