"""What a subscriber may ask of its Subscription: to be told again, and for another secret."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tandem.clock import LONDON, to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, number, text
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.service import Operation
from tandem.subscriptions.declaration import SUBSCRIPTION
from tandem.subscriptions.signature import new_secret

if TYPE_CHECKING:
    from tandem.fhir.kernel import Kernel
    from tandem.fhir.operation import OperationCall
    from tandem.fhir.request import FhirRequest

SECRET_HEADER = "Tandem-Subscription-Secret"  # noqa: S105 the name of a header
_SINCE = """
SELECT MIN(p.position) FROM event_position p JOIN log l ON l.id = p.log_id
WHERE l.type = (SELECT type FROM subscription WHERE id = $1) AND l.at >= $2
"""
_REPLAY = "UPDATE subscription SET position = $2, attempts = 0, next_at = 0 WHERE id = $1"


async def replay(call: OperationCall) -> FhirResponse:
    """Tell again from a position of the log (`from`), or from what was written at or after an instant (`since`).

    Answers the position (`from`) of the first entry that is looked at again. Raises FhirError 404 for a Subscription of
    another organisation, 400 without exactly one of the two.
    """
    only(call, ("from", "since"))
    if (call.one("from") is None) == (call.one("since") is None):
        raise FhirError(Kind.BAD_REQUEST, "Give either from, a position, or since, an instant", expression="from")
    async with call.kernel.database.transaction() as connection:
        subscription = await _own(call, connection)
        head = await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position")
        if call.one("since") is not None:
            found = await connection.fetchval(_SINCE, subscription, _instant(call.one("since")))
            first = found if found is not None else head + 1
        else:
            first = _position(call.one("from"), head + 1)
        await connection.execute(_REPLAY, subscription, first - 1)
        call.kernel.writing.wake_after_commit(connection)
    return answer([number("from", first)])


async def renew_secret(call: OperationCall) -> FhirResponse:
    """Another secret, which counts from now on; the one before is forgotten. Answers it (`secret`), this once.

    Raises FhirError 404 for a Subscription of another organisation, 403 for an operator who is not its subscriber.
    """
    only(call, ())
    secret = new_secret()
    async with call.kernel.database.transaction() as connection:
        subscription = await _own(call, connection)
        renewed = await connection.execute(
            "UPDATE subscription SET secret = $3 WHERE id = $1 AND organisation = $2",
            subscription, call.request.caller.organisation, secret,
        )  # fmt: skip
        if renewed == 0:
            raise FhirError(Kind.FORBIDDEN, "The secret is for the subscriber alone")
    return answer([text("secret", secret)])


async def give_secret(kernel: Kernel, request: FhirRequest, response: FhirResponse) -> FhirResponse:
    """Put the secret of a Subscription that was just made beside the answer to its maker: the only time it is told."""
    location = response.headers.get("Location", "").removeprefix(f"{kernel.base}/{SUBSCRIPTION}/")
    async with kernel.database.read() as connection:
        secret = await connection.fetchval(
            "SELECT secret FROM subscription WHERE id = $1 AND organisation = $2",
            location.partition("/")[0], request.caller.organisation,
        )  # fmt: skip
    if secret is not None:
        response.headers[SECRET_HEADER] = secret
    return response


async def _own(call: OperationCall, connection: Connection) -> str:
    assert call.id is not None, "declared on the instance"
    held = await visible_resource(call.kernel, connection, call.request, SUBSCRIPTION, call.id, lock=True)
    if held is None or held.deleted:
        raise FhirError(Kind.NOT_FOUND, f"There is no {SUBSCRIPTION} with this id that you may see")
    return held.id


def _position(value: Any, most: int) -> int:
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19 and 1 <= int(digits) <= most):
        raise FhirError(Kind.BAD_REQUEST, f"from is a position from 1 to {most}", expression="from")
    return int(digits)


def _instant(value: Any) -> int:
    try:
        moment = datetime.fromisoformat(value.replace(" ", "+"))
        return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=LONDON))
    except (AttributeError, TypeError, ValueError, OverflowError):
        text = "since is an instant, e.g. 2020-07-01T09:00:00Z"
        raise FhirError(Kind.BAD_REQUEST, text, expression="since") from None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "replay", replay, "instance", SUBSCRIPTION, "u", writes=True,
        documentation="Tells again from a position (from) or from an instant (since).",
    ),
    Operation(
        "renew-secret", renew_secret, "instance", SUBSCRIPTION, "u", writes=True,
        documentation="Answers another secret for signatures, this once; the one before is forgotten.",
    ),
)  # fmt: skip
