"""Reading the logs of other services, through whatever leads to them: the same process or HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from tandem.events.catch_up import FetchPage, SourceUnavailable
from tandem.events.envelope import UnreadableEnvelope, split
from tandem.events.log import LogPage
from tandem.fhir.events_page import REACHED
from tandem.fhir.outcome import FhirError
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backend
from tandem.identity.caller import service_caller
from tandem.ids import IdSource

WITHIN: Final = 200_000
"""Positions of an owner's log that one request looks at: an answer is there before it is waited for in vain."""


class LogReader:
    """Asks owners for `$events` in the name of one service."""

    def __init__(self, backends: Mapping[str, Backend], service: str, ids: IdSource) -> None:
        self._backends = backends
        self._service = service
        self._ids = ids

    def pages(self, source: str, kinds: Sequence[str]) -> FetchPage:
        """Reads the log of one owner page by page, only these kinds."""

        async def fetch(after: int, limit: int) -> LogPage:
            response = await self._ask(source, {
                "after": str(after), "_count": str(limit), "kind": ",".join(kinds), "within": str(WITHIN),
            })  # fmt: skip
            # An owner of an earlier release looks at its whole log, and says nothing.
            reached = response.headers.get(REACHED)
            return LogPage(_envelopes(response), None if reached is None else int(reached))

        return fetch

    async def missing(
        self, source: str, resource_type: str, resource_id: str, after: int, before: int
    ) -> Sequence[bytes]:
        """The versions of one resource between two. Raises SourceUnavailable."""
        asked = {
            "subject": f"{resource_type}/{resource_id}",
            "after-version": str(after),
            "before-version": str(before),
        }
        return _envelopes(await self._ask(source, asked))

    async def _ask(self, source: str, asked: dict[str, str]) -> FhirResponse:
        backend = self._backends.get(source)
        if backend is None:
            raise SourceUnavailable(source)
        request = FhirRequest(
            "GET", "$events", urlencode(asked), {}, b"", "", self._ids.new(), self._ids.new(),
            service_caller(self._service),
        )  # fmt: skip
        try:
            response = await backend.send(request)
        except FhirError as error:
            raise SourceUnavailable(source) from error
        if response.status != 200:
            raise SourceUnavailable(f"status {response.status}")
        return response


def _envelopes(response: FhirResponse) -> list[bytes]:
    try:
        return split(response.body)
    except UnreadableEnvelope as error:
        raise SourceUnavailable("the answer is no batch of events") from error
