"""The event that tells how a suspected cancer referral was judged."""

from __future__ import annotations

from typing import Any, Final

from referral_service.domain.suspected_cancer.criteria import NON_SPECIFIC
from tandem.clock import to_micros
from tandem.service import Work

JUDGED: Final = "tandem.suspected-cancer.judged"


async def say_judged(work: Work, request: str, patient: str, kind: str, told: dict[str, Any]) -> None:
    """`told` as it is kept beside the referral; `type` is the type of cancer, or non-specific by the criteria alone."""
    sites = {each["site"] for each in told["criteria"]}
    type_of = told["cancerType"] or (NON_SPECIFIC if sites == {NON_SPECIFIC} else None)
    data = {
        "request": f"ServiceRequest/{request}", "kind": kind, "type": type_of, "urgency": told["urgency"],
        "criteria": [each["id"] for each in told["criteria"]],
    }  # fmt: skip
    await work.emit(JUDGED, data, key=f"{request}/{to_micros(work.now)}", patient=patient)
