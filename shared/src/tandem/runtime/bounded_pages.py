"""Everything that is not FHIR (pages, sign-in, the token endpoint, documentation), within the same bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, outcome_of
from tandem.fhir.request import JSON
from tandem.fhir.transfer import Receive, Scope, Send
from tandem.identity.caller import Caller
from tandem.runtime.overload import Overload

_NOBODY = Caller(organisation="")
"""Nobody has said yet who asks: all of them share what one organisation may take."""
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class BoundedPages:
    """An ASGI application that takes its places among the clients' requests."""

    def __init__(self, pages: Application, overload: Overload) -> None:
        self._pages = pages
        self._overload = overload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self._overload.visit()
        try:
            try:
                visit.admit(_NOBODY)
                await visit.begin()
            except FhirError as error:
                await send_refusal(send, error)
                return
            await self._pages(scope, self._in_time(receive), send)
        finally:
            visit.end()

    def _in_time(self, receive: Receive) -> Receive:
        """A client that takes too long for its form is taken to have left."""
        until = asyncio.get_running_loop().time() + self._overload.seconds

        async def received() -> MutableMapping[str, Any]:
            try:
                async with asyncio.timeout_at(until):
                    return await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}

        return received


async def send_refusal(send: Send, error: FhirError) -> None:
    """Answer with the OperationOutcome of a refusal."""
    body = encode(outcome_of(error))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in error.headers.items()]
    headers += [(b"content-type", JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": error.kind.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
