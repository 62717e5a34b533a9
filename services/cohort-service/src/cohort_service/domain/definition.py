"""A cohort's definition: which recorded codes put a person into it and which take a person out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from tandem.fhir.body import decode


class Meaning(Enum):
    """What a statement says of a person; of two on one day the later of this list counts."""

    ENDED = "ended"
    RESIDENT = "resident"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Definition:
    """A versioned definition. `codes` maps a code of `system` to what it means and its display."""

    id: str
    version: str
    title: str
    source: str
    system: str
    codes: dict[str, tuple[Meaning, str]]

    @property
    def name(self) -> str:
        """Id and version, as events and explanations give it: `care-home-residents@1`."""
        return f"{self.id}@{self.version}"

    def meaning(self, concept: Any) -> tuple[Meaning, str, str] | None:
        """Meaning, code and display of the first coding of a CodeableConcept that the definition knows."""
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings or ():
            if coding.get("system") == self.system and (found := self.codes.get(coding.get("code"))) is not None:
                return found[0], str(coding["code"]), str(coding.get("display") or found[1])
        return None


@lru_cache
def definition(name: str) -> Definition:
    """The definition of this id, read from its file. Raises FileNotFoundError when there is none."""
    data = decode((files("cohort_service.definitions") / f"{name}.json").read_bytes())
    codes = {
        entry["code"]: (meaning, str(entry["display"])) for meaning in Meaning for entry in data.get(meaning.value, ())
    }
    return Definition(data["id"], data["version"], data["title"], data["source"], data["system"], codes)
