"""The one way a resource is written, whoever asks: compartment, right, rules, stamp, index, version, event, audit.

Interactions (create, update, patch, delete, bundles) and domain code (`work.py`) all come through `Writing.apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tandem.clock import Clock, from_micros, to_instant, to_micros
from tandem.database.connection import Connection, Database
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.compartments import custodian_named, patient_named
from tandem.fhir.first_version import accessible_patient, derive_parts, parts_go_along, take_parts_along
from tandem.fhir.known_patients import KnownPatients
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.provenance import kept_as_made, patient_of_targets
from tandem.fhir.search.extract import extract
from tandem.fhir.search.ordered_pairs import with_pairs
from tandem.fhir.store import NextVersion, Stored, version_writer
from tandem.identity.access import SHARED_TYPES
from tandem.identity.audit import AuditEntry, record
from tandem.identity.caller import Caller, service_caller
from tandem.identity.organisations import reference_code
from tandem.identity.projection import PROJECTED_TYPES, project
from tandem.identity.rights import write_refusal
from tandem.ids import IdSource
from tandem.service import Action, Change, ResourceType, Service
from tandem.telemetry.tracing import tracer

if TYPE_CHECKING:
    from tandem.service import Work


@dataclass(frozen=True, slots=True)
class WriteContext:
    """On whose behalf and in which request a write happens. `author` differs from the caller only for our services."""

    caller: Caller
    author: str
    request_id: str | None
    correlation: str | None
    practice: str | None = None


@dataclass(slots=True)
class Intent:
    """What is to be written: `after` is the resource without its new version stamped in; None is a deletion."""

    type: str
    id: str
    before: Stored | None
    after: Resource | None
    interaction: str


@dataclass(frozen=True, slots=True)
class Written:
    """The result: `changed` is False when the body was identical and no version was made."""

    type: str
    id: str
    version: int
    updated: int
    body: bytes | None
    created: bool
    changed: bool


class LostRace(FhirError):
    """Another write of the resource came first; nothing was written."""

    def __init__(self) -> None:
        super().__init__(Kind.CONFLICT, "Another write of this resource came first; read it again")


WorkFactory = Callable[[Connection, WriteContext, datetime], "Work"]


class Writing:
    """Writes resources of one service. Holds no state of its own."""

    def __init__(
        self, service: Service, database: Database, clock: Clock, ids: IdSource, patients: PatientDirectory, base: str,
        wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._types: dict[str, ResourceType] = {"Provenance": ResourceType("Provenance", rules=(kept_as_made,))}
        self._types |= {declared.name: declared for declared in service.types}
        self._name = service.name
        self._writer = version_writer(database.dialect)
        self._clock = clock
        self._ids = ids
        self._patients = patients
        self._base = base
        self._wake = wake
        self.work_factory: WorkFactory | None = None
        self.registered_only: Callable[[], bool] = lambda: False

    def declare(self, declared: ResourceType) -> None:
        """Add a type of the kernel's own, with its rules and reactions."""
        self._types[declared.name] = declared

    def wake_after_commit(self, connection: Connection) -> None:
        """Wake the relay once this transaction has committed."""
        connection.after_commit(self._wake)

    def needs_transaction(self, resource_type: str) -> bool:
        """Whether a write of this type touches more than one statement can."""
        declared = self._types.get(resource_type)
        return resource_type in PROJECTED_TYPES or (declared is not None and bool(declared.reactions))

    async def apply(self, connection: Connection, intent: Intent, context: WriteContext) -> Written:
        """Write the intent's next version on this connection.

        Raises FhirError: 422 (unknown patient, rule of care), 403/404 (right), 409/412 (another write came first).
        """
        now = self._clock.now()
        person = await self._accessible(connection, intent, context, now)
        change = self._change(intent, context, now, person or await self._patient(connection, intent))
        granted = person is not None or await self._permit(connection, change, context.practice)
        self._check_rules(change)
        unchanged = _unchanged(intent, change)
        if unchanged is not None:
            await record(connection, [self._audit(context, intent, change, to_micros(now))])
            return unchanged
        version = self._next(intent, context, change, granted, now)
        parted = person is not None and parts_go_along(connection, intent.type)
        if parted and intent.after is not None:
            await take_parts_along(connection, version, intent.after)
        if not await self._writer.write(connection, version):
            raise LostRace
        self.wake_after_commit(connection)
        if parted:
            await derive_parts(connection, version)
            await self._react(connection, change, context, now)
        else:
            await self._follow_up(connection, change, context, granted, now)
        created = intent.before is None or intent.before.deleted
        return Written(intent.type, intent.id, version.version, version.at, version.body, created, True)

    def _change(self, intent: Intent, context: WriteContext, now: datetime, patient: str | None) -> Change:
        before = decode(intent.before.body) if intent.before and intent.before.body else None
        return Change(intent.type, intent.id, _action(intent), before, intent.after, context.caller, now, patient)

    async def _follow_up(
        self, connection: Connection, change: Change, context: WriteContext, granted: bool, now: datetime
    ) -> None:
        if change.type in PROJECTED_TYPES:
            await project(
                connection, change.type, change.id, change.after, author=context.author, granted=granted,
                practice=context.practice, patient=change.patient,
            )  # fmt: skip
        await self._react(connection, change, context, now)

    async def apply_many(
        self, connection: Connection, intents: Sequence[Intent], context: WriteContext
    ) -> list[Written | FhirError]:
        """Write many resources, each at most once among `intents`, in an open transaction.

        What is refused before anything is written is answered in its place. A FhirError that is raised, or a
        UniqueViolation, came later: the transaction must be rolled back and its resources be written one by one.
        """
        now = self._clock.now()
        known = KnownPatients(self._patients)
        names = [patient_named(intent.after, self._base) if intent.after else None for intent in intents]
        await known.look_up(connection, (named for named in names if named is not None))
        granted: dict[tuple[str, str], bool | FhirError] = {}
        results: list[Written | FhirError] = []
        writes: list[tuple[Change, NextVersion]] = []
        audits: list[AuditEntry] = []
        for intent, named in zip(intents, names, strict=True):
            try:
                patient = (
                    await known.resolve(connection, named) if named else await self._patient(connection, intent)
                )
                change = self._change(intent, context, now, patient)
                given = await self._permit_once(connection, change, context.practice, granted)
                self._check_rules(change)
                unchanged = _unchanged(intent, change)
                if unchanged is not None:
                    audits.append(self._audit(context, intent, change, to_micros(now)))
                    results.append(unchanged)
                    continue
                version = self._next(intent, context, change, given, now)
            except FhirError as error:
                results.append(error)
                continue
            created = intent.before is None or intent.before.deleted
            results.append(Written(intent.type, intent.id, version.version, version.at, version.body, created, True))
            writes.append((change, version))
        await record(connection, audits)
        if writes:
            await self._writer.write_many(connection, [version for _, version in writes])
            self.wake_after_commit(connection)
        for change, version in writes:
            await self._follow_up(connection, change, context, version.granted, now)
        return results

    async def _permit_once(
        self,
        connection: Connection,
        change: Change,
        practice: str | None,
        known: dict[tuple[str, str], bool | FhirError],
    ) -> bool:
        # For a new record about a known person, type and person alone decide; so they are asked about once.
        if (
            change.before is not None
            or change.caller.person is not None
            or change.patient is None
            or change.type in SHARED_TYPES
            or change.type == "Patient"
        ):
            return await self._permit(connection, change, practice)
        key = (change.type, change.patient)
        if key not in known:
            try:
                known[key] = await self._permit(connection, change, practice)
            except FhirError as error:
                known[key] = error
        decided = known[key]
        if isinstance(decided, FhirError):
            raise decided
        return decided

    async def _accessible(
        self, connection: Connection, intent: Intent, context: WriteContext, now: datetime
    ) -> str | None:
        if intent.before is not None or intent.after is None or context.caller.service is not None:
            return None
        named = patient_named(intent.after, self._base)
        if named is None:
            return None
        return await accessible_patient(
            connection, intent.type, context.caller, named, to_micros(now), registered_only=self.registered_only()
        )

    async def _patient(self, connection: Connection, intent: Intent) -> str | None:
        if intent.type == "Patient":
            return intent.id
        if intent.after is None:
            return intent.before.patient if intent.before else None
        if intent.type == "Provenance":
            return await patient_of_targets(connection, intent.after)
        named = patient_named(intent.after, self._base)
        if named is None:
            return None
        return await self._patients.resolve(connection, named)

    async def _permit(self, connection: Connection, change: Change, practice: str | None) -> bool:
        if change.caller.service is not None:
            return True
        decision = await write_refusal(
            connection, change.caller, change.type, change.action, change.before, change.after, change.patient,
            to_micros(change.now), practice=practice, registered_only=self.registered_only(),
        )  # fmt: skip
        decision.enforce()
        return decision.granted

    def _check_rules(self, change: Change) -> None:
        declared = self._types.get(change.type)
        if declared is None:
            return
        issues: list[Issue] = [issue for rule in declared.rules for issue in rule(change)]
        if issues:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)

    def _next(self, intent: Intent, context: WriteContext, change: Change, granted: bool, now: datetime) -> NextVersion:
        number = intent.before.version + 1 if intent.before else 1
        at = to_micros(now)
        if intent.before:
            # Versions of one resource never go back in time, even when a clock does.
            at = max(at, intent.before.updated)
        body = index = None
        custodian = intent.before.custodian if intent.before else None
        if intent.after is not None:
            stamp(intent.after, intent.id, number, from_micros(at))
            body = encode(intent.after)
            named = f"Patient/{change.patient}" if change.patient else None
            rows = extract(intent.type, intent.after, resolved_patient=named, base=self._base)
            index = with_pairs(intent.type, rows, at)
            custodian = _custodian(intent.after)
        audit = [self._audit(context, intent, change, at)]
        version = NextVersion(
            intent.type, intent.id, number, change.action, at, self._ids.new(), body, change.patient, context.author,
            custodian, granted, context.correlation, intent.before, index, audit,
            context.practice if intent.type == "Patient" else None,
        )  # fmt: skip
        if (tracing := tracer()) is not None:
            tracing.written(self._name, version.event_id, version.kind, version.correlation)
        return version

    def _audit(self, context: WriteContext, intent: Intent, change: Change, at: int) -> AuditEntry:
        status = 201 if change.action == "create" else 200
        return AuditEntry(
            context.caller, at, intent.interaction, status, intent.type, intent.id, change.patient, context.request_id
        )

    async def _react(self, connection: Connection, change: Change, context: WriteContext, now: datetime) -> None:
        declared = self._types.get(change.type)
        if declared is None or not declared.reactions:
            return
        assert self.work_factory is not None, "the runtime sets the work factory"
        if context.caller.person is not None:
            # A patient or carer may write next to nothing; what follows from it is the service's own doing.
            context = replace(context, caller=service_caller(self._name))
        work = self.work_factory(connection, context, now)
        for reaction in declared.reactions:
            await reaction(change, work)


def stamp(resource: Resource, resource_id: str, version: int, now: datetime) -> None:
    """Put id, versionId and lastUpdated in, in place, id and meta first; what else meta holds stays."""
    kind = resource.pop("resourceType")
    meta = resource.pop("meta", None)
    resource.pop("id", None)
    rest = dict(resource)
    resource.clear()
    resource["resourceType"] = kind
    resource["id"] = resource_id
    kept = {name: value for name, value in (meta or {}).items() if name not in ("versionId", "lastUpdated")}
    resource["meta"] = {"versionId": str(version), "lastUpdated": to_instant(now), **kept}
    resource.update(rest)


def _unchanged(intent: Intent, change: Change) -> Written | None:
    before = intent.before
    if before is None or change.before is None or intent.after is None or not _same(change.before, intent.after):
        return None
    return Written(intent.type, intent.id, before.version, before.updated, before.body, False, False)


def _same(before: Resource, after: Resource) -> bool:
    return encode(_bare(before)) == encode(_bare(after))


def _bare(resource: Resource) -> Resource:
    bare = {name: value for name, value in resource.items() if name not in ("id", "meta")}
    meta = {
        name: value for name, value in (resource.get("meta") or {}).items() if name not in ("versionId", "lastUpdated")
    }
    return {"meta": meta, **bare} if meta else bare


def _action(intent: Intent) -> Action:
    if intent.after is None:
        return "delete"
    return "create" if intent.before is None or intent.before.deleted else "update"


def _custodian(resource: Resource) -> str | None:
    reference = custodian_named(resource)
    return reference_code(reference) if reference is not None else None
