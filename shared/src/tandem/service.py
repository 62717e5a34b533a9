"""How a service declares itself: its types with their rules, what it listens to, what it offers.

A service package exposes one `Service` object as the entry point `tandem.services`; everything generic (routes,
search, history, metadata, events, authorisation, audit) follows from it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sqlalchemy import MetaData

from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.caller import Caller

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from tandem.database.connection import Connection
    from tandem.fhir.kernel import Kernel
    from tandem.pages.surroundings import PageSurroundings

Action = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """A write that is about to happen. `before` is None on create, `after` is None on delete."""

    type: str
    id: str
    action: Action
    before: Resource | None
    after: Resource | None
    caller: Caller
    now: datetime
    patient: str | None


class Work(Protocol):
    """One transaction of a service, as domain code sees it: read and write resources, say what happened, set times.

    Everything done through it is committed together or not at all. `author` is the organisation on whose behalf it
    works: the one that wrote the event being handled, else the service itself.
    """

    now: datetime
    connection: Connection

    async def read(self, resource_type: str, resource_id: str) -> Resource | None:
        """The current resource, or None when there is none (or it was deleted)."""
        ...

    async def find(self, resource_type: str, query: str) -> Sequence[Resource]:
        """Current resources matching a FHIR search query such as `patient=Patient/1&status=active`."""
        ...

    async def put(self, resource: Resource) -> Resource:
        """Create or update under the resource's own id; an identical body makes no new version."""
        ...

    async def delete(self, resource_type: str, resource_id: str) -> None:
        """Delete, if it is there."""
        ...

    async def emit(self, kind: str, data: dict[str, Any], *, key: str, patient: str | None = None) -> None:
        """Put a domain event into the outbox; the same kind and key is the same event and goes out once."""
        ...

    async def schedule(self, kind: str, key: str, at: datetime, payload: dict[str, Any]) -> None:
        """Fire the timed event `kind` once when the domain clock passes `at`; the same kind and key moves it."""
        ...

    async def unschedule(self, kind: str, key: str) -> None:
        """Take a timed event back, if it has not fired."""
        ...

    async def knows_organisation(self, named: str) -> bool:
        """Whether there is an organisation of this code, or `Organization/id`, here or at cohort-service.

        Raises FhirError 503 when it is not known here and cohort-service gives no answer.
        """
        ...


Rule = Callable[[Change], Iterable[Issue]]
"""A rule of care: yields an Issue for each fault; the write is refused with 422 when there is any."""
Reaction = Callable[[Change, Work], Awaitable[None]]
"""What else happens in the same transaction."""
Handler = Callable[[Event, Work], Awaitable[None]]
"""What a service does with an event; idempotence and order are the inbox's."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type that the service owns. `versioned_update`: an update without If-Match is refused.

    `answered_once`: a create that its sender repeats under the same X-Request-ID gets the first answer again
    (`tandem.fhir.repeated_request`, whose table the service then declares).
    """

    name: str
    rules: tuple[Rule, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    versioned_update: bool = False
    answered_once: bool = False


TogetherHandler = Callable[["Sequence[Event]", "Connection"], Awaitable[None]]
"""What a service does with many events at once. It must leave what the handler of each in turn would leave."""


@dataclass(frozen=True, slots=True)
class Listener:
    """`kinds` are event kinds; `fhir.Task.*` stands for create, update and delete.

    A listener that has `together` is given all events of a transaction in one go, when all handlers of single events
    have run; `handler` then is for one event alone.

    `asks` says what an event of these kinds asks for, one sentence, where any service may send it and none need to yet.
    """

    name: str
    kinds: tuple[str, ...]
    handler: Handler
    asks: str = ""
    together: TogetherHandler | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens when a timed event of this kind fires; the payload is the event's data."""

    kind: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that was written. `patient` is the person it was about in the version that told of it, if any."""

    type: str
    id: str
    patient: str | None = None


FollowerHandler = Callable[[Sequence[Changed], Work], Awaitable[None]]
"""Brings what is derived from these records in step with what they say now. Given any of them again, or late, or in
any order, it must leave the same behind."""


PatientKeeper = Callable[["Connection", Resource], Awaitable[None]]
"""Keeps what a service needs of a Patient that was found at cohort-service before its event arrived. The event may have
come meanwhile: then it knows better."""


class Backlog(Protocol):
    """What else a follower has to look at besides its log, kept in a table of the service."""

    async def waiting(self, connection: Connection, limit: int) -> Sequence[Changed]:
        """What waits, `limit` at most."""
        ...

    async def take(self, connection: Connection, changes: Sequence[Changed]) -> None:
        """These wait no more, if the transaction commits."""
        ...


@dataclass(frozen=True, slots=True)
class Follower:
    """What follows the service's own log. `kinds` are kinds of its own resources (`fhir.Patient.*`).

    The handler gets up to 500 changes, each record once, and runs in one transaction with the cursor. When it fails the
    batch is halved until the one change is found that fails; that one is parked and retried, and the rest goes on.
    """

    name: str
    kinds: tuple[str, ...]
    handler: FollowerHandler
    backlog: Backlog | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """What each process of the service does in the background, for itself, until it is cancelled.

    It raises nothing: it waits out what fails.
    """

    name: str
    run: Callable[[Kernel], Coroutine[Any, Any, None]]


Check = Callable[["Connection", "Kernel"], Awaitable[None]]
"""Whether the settings suit what the database holds; it may keep there what the next start is to be compared with."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A declared operation `$name`, on the service, a type or an instance (http://hl7.org/fhir/R4/operations.html).

    `letter` is the scope letter it needs on `type`, or on `scope` at the level of the system; `writes` says whether it
    changes anything (then POST only). One that reads by GET and writes by POST has `post_letter` too, which a POST
    needs before anything of it is read. One that makes `documents` answers in HTML and PDF too, as
    `tandem.fhir.media_types` chooses. One that is `for_people` may be called by a patient or carer too, and gives out
    nothing but what `tandem.identity.access` lets them see.
    """

    name: str
    handler: Callable[..., Awaitable[Any]]
    level: Literal["system", "type", "instance"] = "type"
    type: str | None = None
    letter: str = "r"
    post_letter: str | None = None
    writes: bool = False
    asynchronous: bool = False
    documents: bool = False
    for_people: bool = False
    documentation: str = ""
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service: name, types, listeners, operations, domain event kinds it emits, and its tables."""

    name: str
    types: tuple[ResourceType, ...]
    metadata: MetaData
    migrations: str
    listeners: tuple[Listener, ...] = ()
    timers: tuple[Timer, ...] = ()
    followers: tuple[Follower, ...] = ()
    patient_keepers: tuple[PatientKeeper, ...] = ()
    operations: tuple[Operation, ...] = ()
    emits: dict[str, str] = field(default_factory=dict)
    """Kind of domain event -> what it means, one sentence; the AsyncAPI document is made from this."""
    seeds: Callable[[Work], Awaitable[None]] | None = None
    """Run at every start, in one transaction: puts the resources that the service ships with. Idempotent."""
    checks: tuple[Check, ...] = ()
    """Run at every start before the seeds: one that raises SettingError keeps the service from starting."""
    overdue_clocks: str = ""
    """A statement, by an index: the kinds of clocks of care that run and fell due before $1 (microseconds) as `name`,
    and how many of each as `number`."""
    pages: Callable[[PageSurroundings], Sequence[BaseRoute]] | None = None
    """The routes of its HTML pages, below `/dashboard`, for a service that has some."""
    loops: tuple[Loop, ...] = ()
    erases: Mapping[str, str] = field(default_factory=dict)
    """By table without a column `patient`: the condition for the rows that go with a person, whose id is `$1`."""
