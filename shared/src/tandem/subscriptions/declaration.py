"""The type Subscription as every service keeps it: what is checked when one is written, and the row beside it.

A client asks for `requested` or `off`; `active` and `error` are what the service says.
"""

from __future__ import annotations

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.search.dates import date_range
from tandem.service import Change, ResourceType, Work
from tandem.subscriptions.channel import channel_faults, channel_of
from tandem.subscriptions.criteria import EXPRESSION, CriteriaRefused, read_criteria
from tandem.subscriptions.hosts import HostRegistry, HostsUnreadable
from tandem.subscriptions.signature import new_secret

SUBSCRIPTION = "Subscription"
MOST_OF_ONE_ORGANISATION = 100
_CLIENT_STATES = ("requested", "off")
_HEAD = "(SELECT COALESCE(MAX(position), 0) FROM event_position)"
_INSERT = f"""
INSERT INTO subscription (id, organisation, client, purpose, secret, state, type, ends, position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {_HEAD})
"""
_UPDATE = """
UPDATE subscription SET state = $2, type = $3, ends = $4, attempts = 0, next_at = 0 WHERE id = $1
"""


class Subscriptions:
    """What a service does with a Subscription that is written, in the transaction that writes it."""

    def __init__(self, service: str, base: str, hosts: HostRegistry) -> None:
        self._service = service
        self._base = base
        self._hosts = hosts

    def declaration(self) -> ResourceType:
        """The type with its reaction."""
        return ResourceType(SUBSCRIPTION, reactions=(self.keep,))

    async def keep(self, change: Change, work: Work) -> None:
        """Check what was written and keep its row in step.

        Raises FhirError: 422 with every fault, 403 when the token may not search for and read what it asks to be told.
        """
        connection = work.connection
        if change.after is None:
            await connection.execute("DELETE FROM subscription WHERE id = $1", change.id)
            return
        held = await connection.fetchval("SELECT id FROM subscription WHERE id = $1", change.id)
        if change.caller.service is not None:
            # The service itself says what has become of a Subscription; it makes none.
            if held is None:
                raise FhirError(Kind.FORBIDDEN, "A service of Tandem follows the log instead of a Subscription")
            await connection.execute(
                "UPDATE subscription SET state = $2 WHERE id = $1", change.id, change.after["status"]
            )
            return
        await self._keep_of_client(connection, change, change.after, held is not None)

    async def _keep_of_client(self, connection: Connection, change: Change, after: Resource, held: bool) -> None:
        # Who wrote it first is who is told, whoever changes it later.
        organisation = await connection.fetchval(
            "SELECT author FROM resource WHERE type = $1 AND id = $2", SUBSCRIPTION, change.id
        )
        watched = await self._check(connection, change, after, organisation, held)
        at = _ends(after)
        if held:
            await connection.execute(_UPDATE, change.id, after["status"], watched, at)
        else:
            await connection.execute(
                _INSERT, change.id, organisation, None, None, new_secret(), after["status"], watched, at
            )
        if change.caller.organisation == organisation:
            # An agreement may be for some purposes only; the purpose of the token that asked is the one that counts.
            await connection.execute(
                "UPDATE subscription SET client = $2, purpose = $3 WHERE id = $1",
                change.id, change.caller.client, change.caller.purpose,
            )  # fmt: skip

    async def _check(
        self, connection: Connection, change: Change, after: Resource, organisation: str, held: bool
    ) -> str:
        issues = [*_status_faults(change, after), *channel_faults(after)]
        if not any(issue.expression == "Subscription.channel.endpoint" for issue in issues):
            issues += self._host_faults(after, organisation)
        watched = ""
        try:
            watched = read_criteria(str(after["criteria"]), self._service, self._base).type
        except CriteriaRefused as refused:
            issues += [Issue(text, EXPRESSION) for text in refused.texts]
        if not held:
            issues += await _number_faults(connection, organisation)
        if issues:
            raise FhirError(Kind.UNPROCESSABLE, issues=issues)
        for letter in "rs":
            if not change.caller.may(watched, letter):
                text = f"Being told of a {watched} needs the scope system/{watched}.{letter}"
                raise FhirError(Kind.FORBIDDEN, text, expression=EXPRESSION)
        return watched

    def _host_faults(self, after: Resource, organisation: str) -> list[Issue]:
        try:
            if self._hosts.find(organisation, channel_of(after).host) is not None:
                return []
        except HostsUnreadable:
            text = "The register of hosts cannot be read"
            raise FhirError(Kind.UNAVAILABLE, text, headers={"Retry-After": "60"}) from None
        text = "The host of the endpoint is not registered for this organisation: an operator registers it"
        return [Issue(text, "Subscription.channel.endpoint")]


def _status_faults(change: Change, after: Resource) -> list[Issue]:
    if after["status"] not in _CLIENT_STATES:
        return [Issue("Ask for requested or off; active and error are said by the server", "Subscription.status")]
    ends = _ends(after)
    if after["status"] == "requested" and ends is not None and ends <= to_micros(change.now):
        return [Issue("The end has passed already", "Subscription.end")]
    return []


async def _number_faults(connection: Connection, organisation: str) -> list[Issue]:
    number = await connection.fetchval("SELECT count(*) FROM subscription WHERE organisation = $1", organisation)
    if number < MOST_OF_ONE_ORGANISATION:
        return []
    return [Issue(f"An organisation has {MOST_OF_ONE_ORGANISATION} Subscriptions at most in one service; delete one")]


def _ends(subscription: Resource) -> int | None:
    end = subscription.get("end")
    return date_range(end)[0] if isinstance(end, str) else None
