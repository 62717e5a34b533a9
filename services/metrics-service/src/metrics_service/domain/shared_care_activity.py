"""What each population of the measure `shared-care-activity` counts (EHCH-039, EHCH-046, EHCH-080, AC-071, AC-073).

The words of each stand in definitions/shared-care-activity.json; the two name the same populations in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from metrics_service.domain.shared_care_facts import SHARED_PLAN
from tandem.fhir.body import Resource, decode

MEASURE = "shared-care-activity"

Dated = Literal["opened", "agreed", "closed", "standing"]


@dataclass(frozen=True, slots=True)
class Population:
    """Which facts are counted. `dated` names what must have happened in the period; `standing` looks at its last day.

    `statuses` are those that count (all when empty), `void` those that never do. `people` counts each person once;
    otherwise each thing counts. `in_time` asks that it happened no later than it was due. `left` is the kind of fact
    that ends one of this kind.
    """

    code: str
    kind: str
    dated: Dated
    statuses: tuple[str, ...] = ()
    void: tuple[str, ...] = ("entered-in-error",)
    category: str | None = None
    in_time: bool = False
    people: bool = False
    left: str | None = None


POPULATIONS = (
    Population("plans-opened", "plan", "opened", category=SHARED_PLAN),
    Population("plans-agreed", "plan", "agreed", category=SHARED_PLAN),
    Population("plans-agreed-within-seven-days", "agreement-clock", "agreed", in_time=True),
    Population("actions-opened", "action", "opened"),
    Population("actions-completed", "action", "closed", statuses=("completed",)),
    Population("referrals-opened", "referral", "opened", void=("entered-in-error", "draft")),
    Population("referrals-closed", "referral", "closed", statuses=("completed", "revoked")),
    Population("medicines-current", "medicine", "standing", statuses=("active",)),
    Population(
        "care-home-residents", "cohort-entered", "standing", category="care-home-residents", people=True,
        left="cohort-left",
    ),
    Population("clocks-breached", "clock-breached", "opened"),
)  # fmt: skip


@lru_cache
def definition() -> Resource:
    """The Measure resource, read from its file."""
    measure: Resource = decode((files("metrics_service.definitions") / f"{MEASURE}.json").read_bytes())
    return measure
