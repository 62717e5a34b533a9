"""`Group/$load-value-set` and `Group/$value-sets`: lists of codes come in whole or not at all, and stay readable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.catalogue import value_set_rows
from cohort_service.catalogue.current import current_catalogue
from cohort_service.catalogue.mark import hold_catalogue, set_new_mark
from cohort_service.catalogue.operators_only import for_operators
from cohort_service.catalogue.reevaluation import evaluate_soon
from cohort_service.domain.affected_cohorts import affected_cohorts
from cohort_service.domain.value_set_files import CodeFile, CodeList, UnreadableFile, read_codes
from cohort_service.domain.value_set_loading import Heading, value_sets_from
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import flag, optional_text, required_text, whole_text
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.nhs.value_set import Member, Refused, ValueSet, heading_faults
from tandem.versions import later

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_MOST_FAULTS = 1_000


async def load_value_set(call: OperationCall) -> FhirResponse:
    """Install the value sets of a file (`file`, its text) or of `member` Codings, as `version` of `id`.

    `title`, `source` and, for those counted together, `group`. A line that is no concept refuses the whole, with each
    line and its reason, unless `lenient`: then the others are taken and the answer names those that were not.
    Raises FhirError 400, 403, 409 for a version held with other content or older than what is in force, 422.
    """
    for_operators(call, "loads value sets")
    value_sets, refused = _read(call)
    caller, clock_now = call.request.caller, call.kernel.clock.now()
    now = to_micros(clock_now)
    async with call.kernel.database.transaction() as connection:
        await hold_catalogue(connection)
        definitions = (await current_catalogue(connection)).definitions
        groups = {each.group for each in value_sets} | await _former_groups(connection, value_sets)
        new = [each for each in value_sets if await _is_new(connection, each)]
        for value_set in new:
            await value_set_rows.insert(connection, value_set, now, caller.organisation)
        if new:
            affected = affected_cohorts(
                definitions, value_sets=[each.id for each in new], groups=[each for each in groups if each]
            )
            await evaluate_soon(connection, await set_new_mark(connection), clock_now, cohorts=affected)
        await record(connection, [audit_entry(call.request, "$load-value-set", now, resource_type="Group")])
    return answer([*(_loaded(each, each in new) for each in value_sets), *map(_refusal, refused)], 201 if new else 200)


async def value_sets(call: OperationCall) -> FhirResponse:
    """All versions of all value sets with the counts of their members; with `id` of one, and its members too.

    Any caller may read them: they say nothing of anybody. Raises FhirError 404.
    """
    identity, version = optional_text(call, "id"), optional_text(call, "version")
    async with call.kernel.database.read() as connection:
        rows = await value_set_rows.listed(connection, identity)
        in_force = await value_set_rows.in_force(connection)
        rows = [row for row in rows if version in (None, row["version"])]
        if not rows and (identity or version):
            raise FhirError(Kind.NOT_FOUND, "There is no such value set, or no such version of it")
        members = {}
        for row in rows if identity is not None else []:
            held = await value_set_rows.held(connection, row["id"], row["version"])
            members[row["version"]] = held.members if held is not None else ()
    return answer([_listed(row, in_force, members.get(row["version"], ())) for row in rows])


def _read(call: OperationCall) -> tuple[list[ValueSet], list[Refused]]:
    heading = Heading(
        required_text(call, "id"), required_text(call, "version"), required_text(call, "title"),
        required_text(call, "source"), optional_text(call, "group"),
    )  # fmt: skip
    content = whole_text(call, "file") if optional_text(call, "file") is not None else None
    codings = call.parameters.get("member", [])
    if (content is None) == (not codings):
        raise FhirError(
            Kind.BAD_REQUEST, "Give either file, the text of a code list, or member, one Coding each", expression="file"
        )
    try:
        file = read_codes(content) if content is not None else _file_of(codings)
    except UnreadableFile as error:
        raise FhirError(Kind.INVALID, f"The file cannot be read: {error}", expression="file") from None
    found, refused = value_sets_from(heading, file)
    faults = [] if flag(call, "lenient") else [str(each) for each in refused]
    faults += [fault for each in found for fault in heading_faults(each)]
    if not found:
        faults.append("the file holds no code")
    if faults:
        shown = [Issue(fault) for fault in faults[:_MOST_FAULTS]]
        if len(faults) > _MOST_FAULTS:
            shown.append(Issue(f"and {len(faults) - _MOST_FAULTS} further faults"))
        raise FhirError(Kind.INVALID, issues=shown)
    return found, refused


def _file_of(codings: list[Any]) -> CodeFile:
    for coding in codings:
        if not isinstance(coding, dict) or not all(isinstance(coding.get(name), str) for name in ("system", "code")):
            raise FhirError(Kind.BAD_REQUEST, "Every member is a valueCoding with system and code", expression="member")
    lines = tuple(
        (place, Member(coding["system"], coding["code"], coding.get("display")))
        for place, coding in enumerate(codings, 1)
    )
    return CodeFile((CodeList("", lines),), (), None)


async def _is_new(connection: Connection, value_set: ValueSet) -> bool:
    held = await value_set_rows.held(connection, value_set.id, value_set.version)
    if held is not None:
        if _content(held) != _content(value_set):
            raise FhirError(Kind.CONFLICT, f"Version {value_set.version} of {value_set.id} is held with other content;"
                            " give the new one a later version")  # fmt: skip
        return False
    in_force = (await value_set_rows.in_force(connection)).get(value_set.id)
    if in_force is not None and later(value_set.version) <= later(in_force):
        raise FhirError(Kind.CONFLICT, f"Version {in_force} of {value_set.id} is in force, and {value_set.version} is"
                        " not later than that")  # fmt: skip
    return True


def _content(value_set: ValueSet) -> tuple[Any, ...]:
    # A display is what the first source of a code said; it takes no part in what a value set selects.
    members = {(each.system, each.code, each.active, each.prefix, each.excepting) for each in value_set.members}
    return value_set.title, value_set.source, value_set.group, members


async def _former_groups(connection: Connection, value_sets: list[ValueSet]) -> set[str | None]:
    ids = {each.id for each in value_sets}
    groups = await value_set_rows.groups_in_force(connection)
    return {group for group, members in groups.items() if not ids.isdisjoint(members)}


def _loaded(value_set: ValueSet, new: bool) -> Parameter:
    active = sum(member.active for member in value_set.members)
    return parts("valueSet", [
        text("id", value_set.id), text("version", value_set.version), yes("installed", new), number("active", active),
        number("inactive", len(value_set.members) - active),
    ])  # fmt: skip


def _refusal(refused: Refused) -> Parameter:
    return parts("refused", [number("line", refused.line), text("reason", str(refused))])


def _listed(row: Row, in_force: dict[str, str], members: tuple[Member, ...]) -> Parameter:
    found = [
        text("id", row["id"]), text("version", row["version"]), text("title", row["title"]),
        text("source", row["source"]), yes("inForce", in_force.get(row["id"]) == row["version"]),
        number("active", row["active_members"]), number("inactive", row["members"] - row["active_members"]),
        {"name": "installed", "valueInstant": to_instant(from_micros(row["installed"]))},
    ]  # fmt: skip
    if row["grouping"] is not None:
        found.append(text("group", row["grouping"]))
    return parts("valueSet", found + [_member(each) for each in members])


def _member(member: Member) -> Parameter:
    coding = {"system": member.system, "code": member.code}
    if member.display:
        coding["display"] = member.display
    found: list[Parameter] = [{"name": "coding", "valueCoding": coding}, yes("active", member.active)]
    if member.prefix:
        found.append(yes("prefix", True))
        found += [text("except", each) for each in member.excepting]
    return parts("member", found)
