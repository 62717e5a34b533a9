"""A network's protocol for suspected cancer: steps before a referral, and the intervals of the safety net.

000 §6.2 b1 (ECD-003): locally agreed standardised systems to identify suspected cancer, manage referrals and safety
net. A version holds from its first day until the next one begins; a referral is judged by the one of its day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

STEPS: Final = {
    "examination": "The person was examined for what the symptoms suggest",
    "blood-tests": "Blood tests that the protocol names were taken",
    "fit-result": "The result of a quantitative faecal immunochemical test is there",
    "chest-x-ray-ordered": "A chest X-ray was ordered",
    "ca125-result": "The result of a CA125 test is there",
    "psa-result": "The result of a prostate-specific antigen test is there",
    "urine-test": "Urine was tested",
    "weight-recorded": "The weight was measured and recorded",
    "fitness-recorded": "How well the person manages daily life (performance status) was recorded",
    "contact-details-checked": "Address and telephone were checked with the person",
    "availability-checked": "The person said when they can attend in the next two weeks",
    "reasonable-adjustments": "Needs for language, communication and adjustments were asked",
    "patient-information": "The person was given information on the referral",
    "decision-support-used": "A clinical decision support tool was used",
    "safety-net-agreed": "What happens next, and whom to call, was agreed with the person",
    "senior-review": "A second clinician looked at the referral",
}
"""The closed list of steps that a protocol may require."""
NET_STEPS: Final = (
    "told", "appointment-made", "attended", "result-received", "acted-on", "communicated", "reviewed",
    "patient-initiated", "decided", "closed",
)  # fmt: skip
"""Steps of the safety net that a protocol may give an interval: calendar days that the step may take."""
LONGEST: Final = 365


@dataclass(frozen=True, slots=True)
class RequiredStep:
    """A step that is required before referral; of one cancer site only, when it names one."""

    code: str
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """One version of a network's protocol. `intervals` are days by step of the safety net."""

    network: str
    version: int
    first: date
    source: str
    steps: tuple[RequiredStep, ...]
    intervals: dict[str, int]

    @property
    def name(self) -> str:
        """As it stands on referrals: `U12345 version 2`."""
        return f"{self.network} version {self.version}"


def missing_steps(protocol: Protocol, done: Collection[str], sites: Collection[str]) -> list[str]:
    """Codes of steps that are required for a referral of these cancer sites and were not done, in their order."""
    required = (each.code for each in protocol.steps if each.site is None or each.site in sites)
    return [code for code in dict.fromkeys(required) if code not in done]


def protocol_of_content(
    network: str, version: int, first: date, source: str, content: dict[str, Any]
) -> Protocol:  # fmt: skip
    """A protocol as it is kept: `steps` with `code` and `site`, `intervals` by step."""
    steps = tuple(RequiredStep(each["code"], each.get("site")) for each in content["steps"])
    return Protocol(network, version, first, source, steps, dict(content["intervals"]))


def content_of(steps: Sequence[RequiredStep], intervals: dict[str, int]) -> dict[str, Any]:
    """The other way round."""
    return {"steps": [{"code": each.code, "site": each.site} for each in steps], "intervals": intervals}


def step_given(text: str) -> RequiredStep:
    """`fit-result`, or `fit-result@lower-gi` for one cancer site. Raises ValueError for a step that is none."""
    code, _, site = text.partition("@")
    if code not in STEPS:
        raise ValueError("no such step")
    return RequiredStep(code, site or None)


def interval_given(text: str) -> tuple[str, int]:
    """`attended=14`: a step of the safety net and days. Raises ValueError."""
    step, _, days = text.partition("=")
    if step not in NET_STEPS or not (days.isascii() and days.isdecimal()) or int(days) > LONGEST:
        raise ValueError("no step of the safety net with days")
    return step, int(days)
