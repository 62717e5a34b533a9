"""The event that tells what is recorded of a practice's population, with everything recorded of it by day (PCN-058)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cohort_service.networks.profile_rows import Profile
from tandem.ids import IdSource
from tandem.london_days import date_of
from tandem.service import Work

RECORDED: Final = "tandem.practice-profile.recorded"
_NUMBERS: Final = ("valueDecimal", "valueInteger")


async def say_recorded(work: Work, practice: str, profiles: Iterable[Profile], ids: IdSource) -> None:
    """Tell of a practice: each day from which a profile holds, with its characteristics by code, else by name."""
    told = [
        {"from": date_of(each.day).isoformat(), "characteristics": [_characteristic(row["part"]) for row in each.body]}
        for each in profiles
    ]
    await work.emit(RECORDED, {"practice": practice, "profiles": told}, key=ids.new())


def _characteristic(parts: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in parts:
        if each["name"] in ("percent", "count"):
            found[each["name"]] = next(each[name] for name in _NUMBERS if name in each)
        elif each["name"] == "code":
            found["code"] = each["valueCoding"]["code"]
        elif each["name"] == "name":
            found["name"] = each["valueString"]
    return found
