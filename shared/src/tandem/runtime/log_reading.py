"""Reading the logs of other services, through whatever leads to them: the same process or HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from tandem.events.catch_up import FetchPage, SourceUnavailable
from tandem.events.envelope import UnreadableEnvelope, split
from tandem.fhir.outcome import FhirError
from tandem.fhir.request import FhirRequest
from tandem.gateway.backends import Backend
from tandem.identity.caller import service_caller
from tandem.ids import IdSource


class LogReader:
    """Asks owners for `$events` in the name of one service."""

    def __init__(self, backends: Mapping[str, Backend], service: str, ids: IdSource) -> None:
        self._backends = backends
        self._service = service
        self._ids = ids

    def pages(self, source: str, kinds: Sequence[str]) -> FetchPage:
        """Reads the log of one owner page by page, only these kinds."""

        async def fetch(after: int, limit: int) -> Sequence[bytes]:
            return await self._read(source, {"after": str(after), "_count": str(limit), "kind": ",".join(kinds)})

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
        return await self._read(source, asked)

    async def _read(self, source: str, asked: dict[str, str]) -> list[bytes]:
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
        try:
            return split(response.body)
        except UnreadableEnvelope as error:
            raise SourceUnavailable("the answer is no batch of events") from error
