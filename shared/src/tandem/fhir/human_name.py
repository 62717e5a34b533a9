"""The name a person goes by (http://hl7.org/fhir/R4/datatypes.html#HumanName)."""

from __future__ import annotations

from typing import Final

from tandem.fhir.body import Resource

_NOT_CURRENT: Final = frozenset(("old", "maiden", "nickname", "anonymous"))
_FIRST: Final = ("usual", "official")


def name_in_use(resource: Resource) -> str:
    """The name in use of a Patient, Practitioner or RelatedPerson, as on an envelope; empty when there is none."""
    names = [each for each in resource.get("name") or () if each.get("use") not in _NOT_CURRENT]
    for each in sorted(names, key=lambda name: _FIRST.index(name["use"]) if name.get("use") in _FIRST else len(_FIRST)):
        parts = [*(each.get("prefix") or ()), *(each.get("given") or ())[:1], each.get("family")]
        text = str(each.get("text") or " ".join(str(part) for part in parts if part))
        if text:
            return text
    return ""
