"""Who may undertake a medication review: roles and qualifications, by a dated policy.

SMR-019, SMR-020, SMR-022, SMR-056.

"Only appropriately trained clinicians working within their sphere of competence": a prescribing qualification and
advanced assessment and history taking skills, or enrolled in a training pathway towards them (000 §2.10).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tandem.nhs.staff_kinds import kind_names

SOURCE = "000 §2.10"
_ROLE = {"kind", "holds", "only-without-pharmacist", "only-for-list", "procedure"}


@dataclass(frozen=True, slots=True)
class Held:
    """Something that a clinician holds or is enrolled on, as Practitioner.qualification says it: (system, code)."""

    id: str
    text: str
    codings: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Role:
    """A role that may review. `holds` are the ids of qualifications that come with the role; `only_for_list` is the
    cohort whose people alone it may review; `procedure` the coding under which its reviews are recorded besides."""

    kind: str
    holds: frozenset[str]
    only_without_pharmacist: bool
    only_for_list: str | None
    procedure: dict[str, Any] | None

    @property
    def name(self) -> str:
        """What to call it."""
        return kind_names()[self.kind]


@dataclass(frozen=True, slots=True)
class ClinicianPolicy:
    """`pharmacists` are the kinds of staff who count as a recruited pharmacist."""

    roles: tuple[Role, ...]
    qualifications: tuple[Held, ...]
    training: Held
    pharmacists: frozenset[str]


@dataclass(frozen=True, slots=True)
class Clinician:
    """What is known of somebody: kinds of staff, and codings of qualifications that hold today."""

    kinds: frozenset[str]
    held: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`role` is the one under which the review may go ahead; None when `faults` say why not."""

    role: Role | None
    faults: tuple[str, ...]


def judge(policy: ClinicianPolicy, who: Clinician, pharmacist_recruited: bool, lists: Collection[str]) -> Judgement:
    """Whether a clinician may review somebody on these lists, while the network has a pharmacist or has none."""
    roles = [role for role in policy.roles if role.kind in who.kinds]
    if not roles:
        names = ", ".join(role.name for role in policy.roles)
        return Judgement(None, (f"The clinician has no role that may undertake a review: {names} ({SOURCE}, SMR-022)",))
    faults: list[str] = []
    for role in roles:
        found = [*_role_faults(role, pharmacist_recruited, lists), *_qualification_faults(policy, role, who)]
        if not found:
            return Judgement(role, ())
        faults += found
    return Judgement(None, tuple(dict.fromkeys(faults)))


def _role_faults(role: Role, pharmacist_recruited: bool, lists: Collection[str]) -> list[str]:
    faults = []
    if role.only_without_pharmacist and pharmacist_recruited:
        text = "undertakes reviews only where the network has recruited no pharmacist, and it has one"
        faults.append(f"{role.name} {text} ({SOURCE}, SMR-022)")
    if role.only_for_list is not None and role.only_for_list not in lists:
        faults.append(f"{role.name} reviews people on the list {role.only_for_list} only (002 SMR, SMR-056)")
    return faults


def _qualification_faults(policy: ClinicianPolicy, role: Role, who: Clinician) -> list[str]:
    if policy.training.codings & who.held:
        return []
    return [
        f"The clinician has no record of {each.text}, nor of being {policy.training.text}: add either to"
        f" Practitioner.qualification, as {_one_of(each)} or {_one_of(policy.training)} ({SOURCE}, SMR-020)"
        for each in policy.qualifications if each.id not in role.holds and not each.codings & who.held
    ]  # fmt: skip


def _one_of(held: Held) -> str:
    return " or ".join(code for _, code in sorted(held.codings))


def clinician_policy_of(body: Any) -> ClinicianPolicy:
    """Read the content of a version. Raises ValueError that names what is wrong."""
    if not isinstance(body, dict):
        raise ValueError("a policy of clinicians is an object with roles, qualifications, training and pharmacists")
    qualifications = tuple(_held(each) for each in _listed(body, "qualifications"))
    known = {each.id for each in qualifications}
    roles = tuple(_role(each, known) for each in _listed(body, "roles"))
    if not roles:
        raise ValueError("roles: at least one role may undertake reviews")
    return ClinicianPolicy(
        roles,
        qualifications,
        _held(body.get("training")),
        frozenset(_kind(each) for each in _listed(body, "pharmacists")),
    )


def _role(body: Any, known: Collection[str]) -> Role:
    if not isinstance(body, dict) or set(body) - _ROLE:
        raise ValueError(f"roles: a role has {', '.join(sorted(_ROLE))}")
    holds, procedure = frozenset(_listed(body, "holds")), body.get("procedure")
    if holds - set(known):
        raise ValueError("roles: holds names ids of qualifications")
    if procedure is not None and not (isinstance(procedure, dict) and procedure.get("code")):
        raise ValueError("roles: procedure is a coding of SNOMED CT with code and display")
    cohort = body.get("only-for-list")
    if cohort is not None and not isinstance(cohort, str):
        raise ValueError("roles: only-for-list is the id of a cohort")
    return Role(_kind(body.get("kind")), holds, body.get("only-without-pharmacist") is True, cohort, procedure)


def _kind(value: Any) -> str:
    if value not in kind_names():
        raise ValueError(f"kind is one of {', '.join(kind_names())}")
    return str(value)


def _held(body: Any) -> Held:
    codings = body.get("codings") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not body.get("id") or not body.get("text") or not isinstance(codings, list):
        raise ValueError("a qualification, and training, has id, text and codings")
    if not codings or not all(isinstance(each, dict) and each.get("system") and each.get("code") for each in codings):
        raise ValueError("codings: each has system and code")
    pairs = frozenset((str(each["system"]), str(each["code"])) for each in codings)
    return Held(str(body["id"]), str(body["text"]), pairs)


def _listed(body: dict[str, Any], name: str) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name} is a list")
    return value
