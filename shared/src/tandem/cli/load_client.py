"""The HTTP side of `tandem load`: send a piece, follow its job, wait for the consumers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tandem.cli.load_pieces import Piece

Pause = Callable[[float], Awaitable[None]]
Progress = Callable[[int], None]
_ATTEMPTS = 8
_PROGRESS = re.compile(r"(\d+) of (\d+)")


class ServerRefuses(Exception):
    """The server cannot be reached, or refuses the token; the text is for the user."""


class PieceRefused(Exception):
    """The server refuses this piece as a whole; the text says why."""


def base_url(url: str) -> str:
    """The FHIR base of a server, given with or without `/fhir`."""
    url = url.rstrip("/")
    return url if url.endswith("/fhir") else f"{url}/fhir"


class LoadClient:
    """Talks to one server. All methods raise ServerRefuses."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        base: str,
        practice: str | None,
        *,
        again: bool = False,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._client = client
        self._base = base
        self._practice = practice
        self._pause = pause
        self._again = again
        self._reached = False

    async def load(self, piece: Piece, progress: Progress) -> dict[str, Any]:
        """Send a piece and wait for the report of its job. Raises PieceRefused when there will be none."""
        kind = "application/fhir+ndjson" if piece.lines else "application/fhir+json"
        headers = {"content-type": kind, **({"x-tandem-practice": self._practice} if self._practice else {})}
        if not self._again:
            headers["x-tandem-source"] = piece.source
        accepted = await self._ask("POST", "$ingest", headers=headers, content=piece.body)
        if accepted.status_code == httpx.codes.OK:
            # This very piece was taken the last time, and nothing of it was refused.
            progress(piece.entries)
            known: dict[str, Any] = accepted.json()
            return known
        if accepted.status_code != httpx.codes.ACCEPTED:
            raise PieceRefused(outcome_text(accepted))
        # Behind a tunnel the server's own name for itself may lead nowhere, so only the id is taken.
        job = parse_qs(urlsplit(accepted.headers.get("content-location", "")).query).get("id", [""])[0]
        return await self._follow(job, piece.entries, progress)

    async def caught_up(self) -> dict[str, Any]:
        """The answer of `$caught-up`."""
        answer = await self._ask("GET", "$caught-up")
        if answer.status_code != httpx.codes.OK:
            raise ServerRefuses(f"the server cannot say whether all services have caught up: {outcome_text(answer)}")
        state: dict[str, Any] = answer.json()
        return state

    async def _follow(self, job: str, entries: int, progress: Progress) -> dict[str, Any]:
        wait, shown = 0.05, 0
        while True:
            await self._pause(wait)
            wait = min(wait * 1.5, 1.0)
            answer = await self._ask("GET", "$job", params={"id": job})
            if answer.status_code == httpx.codes.OK:
                progress(entries - shown)
                report: dict[str, Any] = answer.json()
                return report
            if answer.status_code != httpx.codes.ACCEPTED:
                raise PieceRefused(outcome_text(answer))
            match = _PROGRESS.search(answer.headers.get("x-progress", ""))
            done = min(int(match[1]), entries) if match else 0
            if done > shown:
                progress(done - shown)
                shown = done

    async def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = await self._client.request(method, f"{self._base}/{path}", **rest)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                # A server that has answered once may only be starting again.
                if attempt == _ATTEMPTS or not self._reached:
                    raise ServerRefuses(f"the server at {self._base} cannot be reached") from error
            else:
                self._reached = True
                if answer.status_code in (401, 403):
                    raise ServerRefuses(f"the server refuses the token: {outcome_text(answer)}")
                if answer.status_code not in (429, 503) or attempt == _ATTEMPTS:
                    return answer
            await self._pause(min(0.25 * 2.0**attempt, 10.0))
        raise AssertionError("unreachable")


def outcome_text(answer: httpx.Response) -> str:
    """What an answer that is no success says."""
    try:
        return "; ".join(str(issue["details"]["text"]) for issue in answer.json()["issue"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
