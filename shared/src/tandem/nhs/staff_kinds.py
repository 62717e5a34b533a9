"""What kind of professional somebody is, by the codes of a PractitionerRole.

A kind is a code of `tandem.canonical.STAFF_KIND` (`gp`, `clinical-pharmacist`, `physiotherapist` ...). It may be given
itself, or follow from a job role of the Spine Directory Service or an occupation of SNOMED CT. `staff_kinds.json` lists
both; a job role of the Spine with activities before it (`S0030:G0100:R0620`) is read by its last part.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol

from tandem.canonical import SNOMED_CT, STAFF_KIND

SDS_JOB_ROLES: Final = (
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-SDSJobRoleName",
    "https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode",
    "https://fhir.nhs.uk/CodeSystem/England-SDS-JobRoleCode",
)


class Coding(Protocol):
    """A coding as the directory keeps it."""

    @property
    def system(self) -> str | None: ...

    @property
    def code(self) -> str | None: ...


def staff_kinds(codes: Iterable[Coding]) -> frozenset[str]:
    """The kinds that these codes say; a code that says none is left out."""
    return frozenset(kind for coding in codes if (kind := _kind(coding.system, coding.code)) is not None)


@cache
def kind_names() -> dict[str, str]:
    """Kind -> what to call it."""
    names: dict[str, str] = _shipped()["kinds"]
    return names


def _kind(system: str | None, code: str | None) -> str | None:
    if code is None:
        return None
    if system == STAFF_KIND:
        return code if code in kind_names() else None
    if system in SDS_JOB_ROLES:
        return _codings().get(("sds", code.rpartition(":")[2]))
    return _codings().get(("sct", code)) if system == SNOMED_CT else None


@cache
def _codings() -> dict[tuple[str, str], str]:
    return {(each["system"], each["code"]): each["kind"] for each in _shipped()["codings"]}


@cache
def _shipped() -> dict[str, Any]:
    text = (files("tandem.nhs") / "staff_kinds.json").read_text(encoding="utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped
