"""What every interaction needs, put together once per service when it starts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from tandem.clock import Clock
from tandem.database.connection import (
    CommitUnknown,
    Connection,
    Database,
    DatabaseFull,
    DatabaseUnavailable,
    StatementTimedOut,
)  # fmt: skip
from tandem.fhir.job_limits import USUAL_LIMITS, JobLimits
from tandem.fhir.neighbours import Neighbours
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.validation import Validator
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import Caller
from tandem.identity.rotated_secret import Secret
from tandem.ids import IdSource
from tandem.service import ResourceType, Service
from tandem.telemetry.state import State


@dataclass(slots=True)
class Kernel:
    """One service's kernel. `base` is the public FHIR base URL without a trailing slash.

    `page_secret` signs paging links. `registered_only` answers whether the access feed is so far behind that only the
    registered practice may be served. `wake_jobs` tells the JobRunner of this process that a job was queued.
    """

    service: Service
    database: Database
    clock: Clock
    ids: IdSource
    validator: Validator
    patients: PatientDirectory
    writing: Writing
    base: str
    page_secret: Secret
    max_body: int = 20 * 1024 * 1024
    max_resource: int = 1024 * 1024
    registered_only: Callable[[], bool] = lambda: False
    wake_jobs: Callable[[], None] = lambda: None
    read_state: Callable[[float], Awaitable[State]] | None = None
    """Where this process stands, as read so many seconds ago at most; the runtime sets it."""
    consumed: Sequence[str] = ()
    """The event kinds this service listens to."""
    pseudonym_key: bytes = b""
    """The setting TANDEM_PSEUDONYM_KEY."""
    job_limits: JobLimits = USUAL_LIMITS
    """How many asynchronous requests may be queued or running."""
    neighbours: Neighbours = field(default_factory=lambda: Neighbours({}, ""))
    """The other services, for operations that read them; where none was given, none of them answers."""
    types: dict[str, ResourceType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.types = {declared.name: declared for declared in self.service.types}
        # Asked each time: the runtime sets it once the feed is watched.
        self.writing.registered_only = self._only_registered

    def _only_registered(self) -> bool:
        return self.registered_only()

    def check_type(self, resource_type: str) -> None:
        """Raises FhirError 404 for an unknown type, 421 with the owner's name for one that another service owns."""
        if resource_type in self.types or resource_type in KERNEL_TYPES:
            return
        owner = OWNER.get(resource_type)
        if owner is None:
            raise FhirError(Kind.UNKNOWN_TYPE, f"{resource_type[:64]} is not a resource type of this server")
        raise FhirError(Kind.MISDIRECTED, f"{resource_type} is kept by {owner}; this is {self.service.name}")

    def writing_connection(
        self, resource_type: str, *, transaction: bool = False
    ) -> AbstractAsyncContextManager[Connection]:
        """A connection to write one resource on: a transaction, or where one statement does it all, none."""
        plain = self.database.dialect == "postgresql" and not self.writing.needs_transaction(resource_type)
        return _single_statement(self.database) if plain and not transaction else self.database.transaction()


@asynccontextmanager
async def _single_statement(database: Database) -> AsyncIterator[Connection]:
    async with database.read() as connection:
        try:
            yield connection
        except (DatabaseFull, StatementTimedOut):
            raise
        except DatabaseUnavailable as error:
            # The statement commits by itself.
            raise CommitUnknown("the connection was lost in a write") from error


def write_context(
    caller: Caller, request_id: str | None, correlation: str | None, practice: str | None = None
) -> WriteContext:
    """The context of a client's write. An operator who loads a practice's records writes on that practice's behalf."""
    author = practice if practice is not None and caller.sees_all else caller.organisation
    return WriteContext(caller, author, request_id, correlation, practice)


def check_scope(caller: Caller, resource_type: str, letter: str) -> None:
    """Raises FhirError 403 when the token's scopes lack this letter of `cruds` for the type."""
    if not caller.may(resource_type, letter):
        raise FhirError(Kind.FORBIDDEN, f"The token's scopes do not allow system/{resource_type}.{letter}")
