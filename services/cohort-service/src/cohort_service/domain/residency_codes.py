"""The codes by which a record says where a person lives, or that the person died in a home (EHCH-012 to EHCH-014).

They are those of the shipped value sets, two of which the definition `care-home-residents` names as well. A stay is
weighed with the records of a person and not when lists are evaluated, so a later version of these value sets that is
loaded at run time changes what the definition asks for, and no stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from tandem.fhir.body import decode
from tandem.nhs.value_set import value_set_of


class Meaning(Enum):
    """What a statement says of a person; of two on one day the later of this list counts."""

    ENDED = "ended"
    RESIDENT = "resident"
    DIED = "died"


_VALUE_SETS = {
    Meaning.ENDED: "lives-elsewhere", Meaning.RESIDENT: "care-home-residence", Meaning.DIED: "died-in-care-home",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResidencyCodes:
    """By system and code what it means, and its display."""

    codes: Mapping[tuple[str, str], tuple[Meaning, str]]

    def meaning(self, concept: Any) -> tuple[Meaning, str, str] | None:
        """Meaning, code and display of the first coding of a CodeableConcept that says something of residency."""
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings or ():
            found = self.codes.get((str(coding.get("system")), str(coding.get("code"))))
            if found is not None:
                return found[0], str(coding["code"]), str(coding.get("display") or found[1])
        return None


@cache
def residency_codes() -> ResidencyCodes:
    """The codes of the shipped value sets, those that are retired among them: older records have them."""
    folder = files("cohort_service").joinpath("value_sets")
    return ResidencyCodes({
        (member.system, member.code): (meaning, member.display or "")
        for meaning, name in _VALUE_SETS.items()
        for member in value_set_of(decode(folder.joinpath(f"{name}.json").read_bytes())).members
    })
