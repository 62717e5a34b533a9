"""Whether a clinician may review a person, by the directory and the policy in force (SMR-019, SMR-056)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from careplan_service.domain.medication_review.clinicians import Clinician, Judgement, judge
from careplan_service.medication_review.areas import network_organisations
from careplan_service.medication_review.policies import clinician_policy
from tandem.cohort_membership.queries import lists_of
from tandem.database.connection import Connection
from tandem.directory.queries import StaffMember, staff_member
from tandem.directory.staff_of_organisations import kinds_at_organisations
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.london_days import london_date
from tandem.nhs.staff_kinds import staff_kinds

_NOT_KNOWN = (
    "The clinician is not known here, or not yet: name a Practitioner or PractitionerRole that is held and active"
    " (000 §2.10, SMR-019)"
)


@dataclass(frozen=True, slots=True)
class CheckedClinician:
    """The judgement with the version of the policy that it rests on."""

    judgement: Judgement
    policy_version: int


async def check_clinician(
    connection: Connection, reference: str | None, patient: str, now: datetime
) -> CheckedClinician:
    """Judge whether this person may be reviewed by this clinician today."""
    day = london_date(now)
    version, policy = await clinician_policy(connection, day)
    member = await staff_member(connection, reference, day) if reference is not None else None
    if member is None:
        return CheckedClinician(Judgement(None, (_NOT_KNOWN,)), version.version)
    around = await network_organisations(connection, patient, now)
    recruited = policy.pharmacists & await kinds_at_organisations(connection, around, day)
    lists = await lists_of(connection, patient, day)
    return CheckedClinician(judge(policy, _known_of(member, now), bool(recruited), lists), version.version)


async def eligible_role(connection: Connection, reference: str | None, patient: str, now: datetime) -> str:
    """The kind of staff as which the clinician may review. Raises FhirError 422 with every reason why not."""
    checked = await check_clinician(connection, reference, patient, now)
    if checked.judgement.role is None:
        raise refusal(checked)
    return checked.judgement.role.kind


def refusal(checked: CheckedClinician) -> FhirError:
    """The refusal of a clinician, naming the version of the policy."""
    issues = [
        Issue(f"{fault}; policy version {checked.policy_version}", "Composition.author")
        for fault in checked.judgement.faults
    ]
    return FhirError(Kind.BUSINESS_RULE, issues=issues)


def _known_of(member: StaffMember, now: datetime) -> Clinician:
    day = london_date(now)
    held = {(str(each.coded.system), str(each.coded.code)) for each in member.qualifications if each.holds_on(day)}
    kinds = frozenset(kind for role in member.roles for kind in staff_kinds(role.codes))
    return Clinician(kinds, frozenset(held))
