"""Value sets: named, versioned lists of codes, and what is wrong with a code that cannot be in one.

Shipped ones are JSON files of the shape {"id", "version", "title", "source", "group": null or a name, "members":
[{"system", "code", "display", "active"}]}. A member of the British National Formulary may be a prefix of its codes
(`"prefix": true`), less the prefixes in `"except"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tandem.canonical import DMD, SNOMED_CT
from tandem.nhs.snomed_ct import concept_fault
from tandem.versions import VERSION_FORM, is_version

BNF: Final = "https://www.nhsbsa.nhs.uk/bnf"
"""Codes of the British National Formulary as NHSBSA assigns them: https://www.nhsbsa.nhs.uk/bnf-code-changes."""

_ID = re.compile(r"[a-z0-9][a-z0-9\-]{0,95}")
_BNF_CODE = re.compile(r"[0-9]{2}[0-9A-Z]{0,13}")
_NO_TEXT = re.compile(r"[\x00-\x1f]")
_SHOWN = 20
"""How much of a refused code is repeated: enough to find it, too little to carry anything else."""


@dataclass(frozen=True, slots=True)
class Member:
    """A code of a value set. `prefix` stands for all BNF codes that begin with it, but for those of `excepting`."""

    system: str
    code: str
    display: str | None = None
    active: bool = True
    prefix: bool = False
    excepting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A version of a value set. `group` names several that are counted together, such as the deficits of the eFI."""

    id: str
    version: str
    title: str
    source: str
    group: str | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line (or the place of a member, from 1) that cannot be taken, and why."""

    line: int
    code: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {shown(self.code)}: {self.reason}"


def shown(code: str) -> str:
    """The beginning of a code, safe to be repeated in a message."""
    clean = _NO_TEXT.sub("", code)
    return clean if len(clean) <= _SHOWN else f"{clean[:_SHOWN]}..."


def member_fault(member: Member) -> str | None:
    """Why this code cannot be a member of a value set; None when it can. Inactive codes can: they never select."""
    if _NO_TEXT.search(f"{member.system}{member.code}{member.display or ''}"):
        return "it holds a control character"
    if member.system in (SNOMED_CT, DMD):
        return "only codes of the BNF may be prefixes" if member.prefix else concept_fault(member.code)
    if member.system == BNF:
        return _bnf_fault(member)
    if member.prefix or member.excepting:
        return "only codes of the BNF may be prefixes"
    return None if member.system and member.code.strip() else "it has no system or no code"


def _bnf_fault(member: Member) -> str | None:
    if not all(_BNF_CODE.fullmatch(code) for code in (member.code, *member.excepting)):
        return "a BNF code is two digits and up to 13 further digits and capital letters, without dots"
    if member.excepting and not member.prefix:
        return "only a prefix can have exceptions"
    strangers = [code for code in member.excepting if not code.startswith(member.code)]
    return f"its exception {strangers[0]} does not begin with it" if strangers else None


def checked(lines: Iterable[tuple[int, Member]]) -> tuple[list[Member], list[Refused]]:
    """The members that can be taken, and the others with their reasons; of a code that stands twice the first one."""
    taken: dict[tuple[str, str], Member] = {}
    seen_at: dict[tuple[str, str], int] = {}
    refused: list[Refused] = []
    for line, member in lines:
        key = (member.system, member.code)
        fault = member_fault(member)
        if fault is None and key in taken:
            fault = f"it stands in line {seen_at[key]} already"
        if fault is not None:
            refused.append(Refused(line, member.code, fault))
            continue
        taken[key] = member
        seen_at[key] = line
    return list(taken.values()), refused


def heading_faults(value_set: ValueSet) -> list[str]:
    """What is wrong with a value set apart from its members."""
    faults = []
    if not _ID.fullmatch(value_set.id):
        faults.append("the id of a value set is lower-case letters, digits and hyphens, at most 96")
    if not is_version(value_set.version):
        faults.append(VERSION_FORM)
    for name, text in (("title", value_set.title), ("source", value_set.source)):
        if not text.strip():
            faults.append(f"a value set needs a {name}")
        if _NO_TEXT.search(text):
            faults.append(f"the {name} holds a control character")
    if value_set.group is not None and not _ID.fullmatch(value_set.group):
        faults.append("the group of a value set is lower-case letters, digits and hyphens, at most 96")
    if not any(member.active for member in value_set.members):
        faults.append(f"the value set {shown(value_set.id)} has no active member, so it could never select anybody")
    return faults


def value_set_of(shape: dict[str, Any]) -> ValueSet:
    """The value set of a shipped JSON file. Raises ValueError naming every fault, KeyError for a missing member."""
    members = tuple(
        Member(
            each["system"], each["code"], each.get("display"), each.get("active", True), each.get("prefix", False),
            tuple(each.get("except") or ()),
        )
        for each in shape["members"]
    )  # fmt: skip
    value_set = ValueSet(
        shape["id"], shape["version"], shape["title"], shape["source"], shape.get("group"), members
    )  # fmt: skip
    _, refused = checked(enumerate(members, 1))
    faults = [*heading_faults(value_set), *map(str, refused)]
    if faults:
        raise ValueError(f"{value_set.id}: {'; '.join(faults)}")
    return value_set
