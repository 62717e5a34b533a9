"""Who may see what, as a condition that every statement carries: reads, searches, counts, includes and history."""

from __future__ import annotations

from typing import Any, Final

from tandem.canonical import TASK_KIND
from tandem.database.connection import Connection
from tandem.fhir.search.parameters import PARAMETERS
from tandem.identity.agreement_terms import ANY_RECORD, covered
from tandem.identity.caller import Caller
from tandem.identity.own_record import own_record

SHARED_TYPES: Final = frozenset((
    "Organization", "OrganizationAffiliation", "Location", "Practitioner", "PractitionerRole", "HealthcareService",
    "Questionnaire", "PlanDefinition", "Measure", "Medication",
))  # fmt: skip
"""Reference data: any valid token may see it."""

RECEIVED_TYPES: Final = frozenset(("Task",))
"""What is received even from an organisation without access to the person; its sender reads back what it sent."""

AREA_TYPES: Final = frozenset(("MeasureReport",))
"""What a commissioner sees of the organisations of its area: figures, never a person."""

OWN_TYPES: Final = frozenset(("Subscription",))
"""What is its maker's own business: the network of a practice does not see it either."""

SHARED_BY_NAME: Final = frozenset(("Appointment", "Schedule"))
"""What organisations that take part in it may read, besides who made it (`tandem.identity.sharing_by_name`)."""

DUTY_TYPES: Final = frozenset(("Task",))
DUTY_KINDS: Final = frozenset(("duty", "chase"))
"""What a commissioner sees besides figures: what the organisations of its area owe by a day, and who chases it. Codes
of Task.code in TASK_KIND; a duty is about an organisation, never a person."""
_TASK_CODE: Final = PARAMETERS["Task"]["code"].number

# Their patient element is mandatory and names a Patient, so there is no organisation's compartment to look at.
_ALWAYS_PERSONAL: Final = frozenset(("Patient", "RelatedPerson", "AllergyIntolerance", "Immunization", "EpisodeOfCare"))

FEED_LIMIT_SECONDS: Final = 30.0
"""When a service's feed of who may see whom is further behind than this, only the registered practice is served."""


def only_registered(feed_lag_seconds: float) -> bool:
    """Whether the feed is so far behind that agreements and networks cannot be relied on."""
    return feed_lag_seconds > FEED_LIMIT_SECONDS


def visible(
    caller: Caller, alias: str, params: list[Any], now_us: int, *, resource_type: str | None = None,
    registered_only: bool = False,
) -> str:  # fmt: skip
    """A boolean SQL expression over table `resource` under `alias`: whether the caller may see the row.

    Values are appended to `params` and stand in the text as `$n` by their place in it. `now_us` is the domain clock
    in microseconds. With `resource_type`, for a search or read of one type, the expression says no more than it must;
    without it, `alias` needs a column `type`, because an agreement may be about some types only.
    """
    if caller.sees_all or resource_type in SHARED_TYPES:
        return "1=1"
    params += (caller.organisation, now_us)
    organisation, now = f"${len(params) - 1}", f"${len(params)}"
    reason = "a.reason = 'registered'"
    if not registered_only:
        reason = covered("a.reason", caller, params, named=resource_type, column=f"{alias}.type")
    person = _personal(alias, organisation, now, reason)
    own = own_record(caller, f"{alias}.patient", params, now, named=resource_type, type_column=f"{alias}.type")
    if own is not None:
        return _confined(person, own, alias, resource_type)
    if resource_type in _ALWAYS_PERSONAL:
        return person
    kept = _own(alias, organisation, now, resource_type, registered_only)
    choices = [person, f"({alias}.patient IS NULL AND {kept})"]
    if resource_type is None or resource_type in RECEIVED_TYPES:
        choices.append(f"{alias}.received_from = {organisation}")
    if (resource_type is None or resource_type in SHARED_BY_NAME) and not registered_only:
        choices.append(
            f"({alias}.type IN ({_listed(SHARED_BY_NAME)}) AND EXISTS (SELECT 1 FROM shared_with w"
            f" WHERE w.type = {alias}.type AND w.id = {alias}.id AND w.organisation = {organisation}))"
        )
    if resource_type is None:
        choices.append(f"{alias}.type IN ({_listed(SHARED_TYPES)})")
    return f"({' OR '.join(choices)})"


def _confined(person: str, own: str, alias: str, resource_type: str | None) -> str:
    """What a patient or carer sees: one person's record, and the directory that tells who is who in it."""
    record = f"({person} AND {own})"
    return record if resource_type is not None else f"({record} OR {alias}.type IN ({_listed(SHARED_TYPES)}))"


def visible_of_person(
    caller: Caller, alias: str, params: list[Any], now_us: int, *, resource_type: str, registered_only: bool = False
) -> str:
    """The same for any table with a column `patient`, whose rows say what the person's records of a type say."""
    if caller.sees_all:
        return "1=1"
    params += (caller.organisation, now_us)
    organisation, now = f"${len(params) - 1}", f"${len(params)}"
    reason = "a.reason = 'registered'"
    if not registered_only:
        reason = covered("a.reason", caller, params, named=resource_type)
    person = _personal(alias, organisation, now, reason)
    own = own_record(caller, f"{alias}.patient", params, now, named=resource_type, type_column=f"{alias}.type")
    return person if own is None else f"({person} AND {own})"


def _personal(alias: str, organisation: str, now: str, reason: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM access a WHERE a.patient = {alias}.patient AND a.organisation = {organisation}"
        f" AND a.starts <= {now} AND a.ends > {now} AND {reason})"
    )


def _own(alias: str, organisation: str, now: str, resource_type: str | None, registered_only: bool) -> str:
    own = f"{alias}.author = {organisation} OR {alias}.custodian = {organisation}"
    if registered_only or resource_type in OWN_TYPES:
        return f"({own})"
    # A network sees what its members keep about nobody in particular; a commissioner sees figures only.
    kinds = "o.kind = 'network'"
    if resource_type is None:
        kinds = (
            f"{alias}.type NOT IN ({_listed(OWN_TYPES)}) AND "
            f"(o.kind = 'network' OR (o.kind = 'commissioner' AND {alias}.type IN ({_listed(AREA_TYPES)})))"
        )
    elif resource_type in AREA_TYPES:
        kinds = "o.kind IN ('network', 'commissioner')"
    below = (
        f"EXISTS (SELECT 1 FROM membership m JOIN organisation o ON o.code = m.holder"
        f" WHERE m.holder = {organisation} AND m.member IN ({alias}.author, {alias}.custodian)"
        f" AND m.starts <= {now} AND m.ends > {now} AND o.active = 1 AND {kinds})"
    )
    choices = [own, below]
    if resource_type is None or resource_type in DUTY_TYPES:
        choices.append(_duty(alias, organisation, now, resource_type))
    return f"({' OR '.join(choices)})"


def _duty(alias: str, organisation: str, now: str, resource_type: str | None) -> str:
    # Of its networks' members too: a practice is no member of the commissioner itself.
    named = "" if resource_type is not None else f"{alias}.type IN ({_listed(DUTY_TYPES)}) AND "
    return (
        f"({named}EXISTS (SELECT 1 FROM search_token t WHERE t.key = {alias}.key AND t.param = {_TASK_CODE}"
        f" AND t.system = '{TASK_KIND}' AND t.code IN ({_listed(DUTY_KINDS)}))"
        f" AND EXISTS (SELECT 1 FROM membership m JOIN organisation o ON o.code = m.holder"
        f" LEFT JOIN membership n ON n.holder = m.member AND n.starts <= {now} AND n.ends > {now}"
        f" WHERE m.holder = {organisation} AND m.starts <= {now} AND m.ends > {now} AND o.active = 1"
        f" AND o.kind = 'commissioner' AND {alias}.custodian IN (m.member, n.member)))"
    )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


async def has_access(
    connection: Connection, caller: Caller, patient: str, now_us: int, *, resource_type: str | None = None,
    registered_only: bool = False,
) -> bool:  # fmt: skip
    """Whether the caller may see this person's records of a type now; without a type, the whole record.

    `patient` is Patient.id, `now_us` microseconds. An agreement about some data does not open the whole record.
    """
    if caller.sees_all:
        return True
    params: list[Any] = [patient, caller.organisation, now_us]
    reason = "a.reason = 'registered'"
    if not registered_only:
        reason = covered("a.reason", caller, params, named=resource_type or ANY_RECORD)
    named = resource_type or ANY_RECORD
    own = own_record(caller, "a.patient", params, "$3", named=named, type_column="")
    found = await connection.fetchval(
        "SELECT 1 FROM access a WHERE a.patient = $1 AND a.organisation = $2 AND a.starts <= $3 AND a.ends > $3"
        f" AND {reason}{f' AND {own}' if own is not None else ''} LIMIT 1", *params,
    )  # fmt: skip
    return found is not None
