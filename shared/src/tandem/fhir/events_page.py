"""`$events`: a service's log from a position on, for consumers that catch up; `$event-heads`: how far the log goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from tandem.events.follower_cursor import backlog_of
from tandem.events.lag import head, taken
from tandem.events.log import log_page, log_versions
from tandem.fhir.body import encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse

_MOST = 1000
REACHED = "X-Log-Reached"
"""The header of a page that ends before the log does, though it has fewer events than were asked for."""
BATCH_TYPE = "application/cloudevents-batch+json"


def check_service_identity(request: FhirRequest) -> None:
    """The log holds everybody's records. Raises FhirError 403 for anyone but our own services."""
    if request.caller.service is None:
        raise FhirError(Kind.FORBIDDEN, "The event log is for Tandem's own services; use search")


async def events_page(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """Events after `?after=` (a position, 0 for the beginning), up to `_count`, as a CloudEvents batch in log order.

    `kind` (patterns separated by commas) leaves others out; then no more positions are looked at than `within` says,
    and the header `X-Log-Reached` says up to which, when the log goes on behind it. `subject=Type/id` with
    `after-version` and `before-version` gives the missing versions of one resource instead.
    """
    check_service_identity(request)
    asked = dict(request.parameters())
    name, headers = kernel.service.name, {}
    async with kernel.database.read() as connection:
        if "subject" in asked:
            kind, _, resource_id = asked["subject"].partition("/")
            after, before = _number(asked, "after-version", 0), _number(asked, "before-version", 2**31)
            envelopes: Sequence[bytes] = await log_versions(connection, name, kind, resource_id, after, before)
        else:
            kinds = [kind for kind in asked.get("kind", "").split(",") if kind]
            after, count = _number(asked, "after", 0), min(_number(asked, "_count", 500), _MOST)
            within = _number(asked, "within", 0) or None
            page = await log_page(connection, name, after, count, kinds, within)
            envelopes = page.envelopes
            headers = {} if page.reached is None else {REACHED: str(page.reached)}
    return FhirResponse(200, b"[" + b",".join(envelopes) + b"]", headers, BATCH_TYPE)


def _number(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise FhirError(Kind.BAD_REQUEST, f"{name} must be a whole number", expression=name)
    return int(text)


async def heads(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """How far the log goes: see `tandem.events.lag.Head`."""
    check_service_identity(request)
    async with kernel.database.read() as connection:
        return FhirResponse(200, encode(asdict(await head(connection))), content_type="application/json")


async def taken_from_others(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """What this service has taken from the logs of others, and its followers from its own; and which kinds these are.

    `{"positions": {source: …}, "parked": {state: …}, "kinds": […], "followers": [{"name", "kinds", "position",
    "backlog"}]}`.
    """
    check_service_identity(request)
    declared = kernel.service.followers
    async with kernel.database.read() as connection:
        state = asdict(await taken(connection))
        # Read last: a cursor moves with, or after, what the same event put into a backlog.
        backlog = await backlog_of(connection, declared)
    reached = state.pop("followed")
    state["kinds"] = list(kernel.consumed)
    state["followers"] = [
        {
            "name": each.name, "kinds": list(each.kinds), "position": reached.get(each.name, 0),
            "backlog": backlog.get(each.name, 0),
        }
        for each in declared
    ]  # fmt: skip
    return FhirResponse(200, encode(state), content_type="application/json")
