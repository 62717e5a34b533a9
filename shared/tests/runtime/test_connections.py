"""Connections of clients that are slow, silent, too many, or send heads without an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from tandem.fhir.transfer import send_body
from tandem.runtime import connections
from tandem.runtime.connections import MOST_HEAD, SPARE, TAKE_SECONDS, bounded_connection

HEAD = b"GET / HTTP/1.1\r\nhost: tandem\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


class Listening:
    """The port, and what the server counts."""

    def __init__(self, port: int, state: ServerState) -> None:
        self.port, self.state = port, state

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def says(self, *parts: bytes) -> tuple[int, bytes]:
        """Status and the rest of what a connection answers, up to its end or a whole small answer."""
        reader, writer = await self.connect()
        for part in parts:
            writer.write(part)
        answer = await asyncio.wait_for(reader.read(65_536), 30)
        writer.close()
        return int(answer[9:12]), answer


@asynccontextmanager
async def listening(
    application: Any = hello, most: int = 1000, take_seconds: float = TAKE_SECONDS
) -> AsyncIterator[Listening]:
    config = uvicorn.Config(application, log_level="critical", access_log=False, timeout_keep_alive=75)
    config.load()
    state, made = ServerState(), bounded_connection(most, take_seconds)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: made(config, state, {}), "127.0.0.1", 0)
    try:
        yield Listening(server.sockets[0].getsockname()[1], state)
    finally:
        server.close()
        for each in list(state.connections):
            each.transport.abort()
        await server.wait_closed()


async def test_requests_are_answered_one_after_the_other() -> None:
    async with listening() as server:
        reader, writer = await server.connect()
        for _ in range(3):
            writer.write(HEAD + b"\r\n")
            answer = await reader.readuntil(b"hi")
            assert answer.startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.parametrize("size", [MOST_HEAD + 1024, 64 * MOST_HEAD])
async def test_a_head_that_is_too_large_is_refused(size: int) -> None:
    async with listening() as server:
        status, answer = await server.says(HEAD, b"x: " + b"y" * size + b"\r\n\r\n")
        assert status == 431
        outcome = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert outcome["issue"][0]["code"] == "too-long"


async def test_a_large_head_within_the_limit_is_read() -> None:
    async with listening() as server:
        status, _ = await server.says(HEAD + b"x: " + b"y" * (MOST_HEAD - 1024) + b"\r\n\r\n")
        assert status == 200


async def test_a_body_of_any_size_is_no_head() -> None:
    async with listening() as server:
        head = b"POST / HTTP/1.1\r\nhost: tandem\r\ncontent-length: %d\r\n\r\n" % (8 * MOST_HEAD)
        status, _ = await server.says(head, b"z" * 8 * MOST_HEAD)
        assert status == 200
        status, _ = await server.says(head + b"z" * 8 * MOST_HEAD)
        assert status == 200, "in one piece with its head"


async def test_a_head_that_trickles_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    async with listening() as server:
        status, answer = await server.says(HEAD)
        assert status == 408
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["issue"][0]["code"] == "timeout"


async def test_a_silent_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    async with listening() as server:
        reader, writer = await server.connect()
        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()


async def test_a_kept_connection_may_be_silent_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    async with listening() as server:
        reader, writer = await server.connect()
        writer.write(HEAD + b"\r\n")
        await reader.readuntil(b"hi")
        silent, closed = await server.connect()
        assert await asyncio.wait_for(silent.read(), 30) == b"", "younger, and closed meanwhile"
        closed.close()
        writer.write(HEAD + b"\r\n")
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_idle_connections_make_room_for_a_new_one() -> None:
    async with listening(most=10) as server:
        opened = [await server.connect() for _ in range(200)]
        status, _ = await server.says(HEAD + b"\r\n")
        assert status == 200
        assert len(server.state.connections) <= 11
        for _, writer in opened:
            writer.close()


async def test_when_none_is_idle_a_new_one_is_refused() -> None:
    release = asyncio.Event()

    async def busy(scope: Any, receive: Any, send: Any) -> None:
        await release.wait()
        await hello(scope, receive, send)

    async with listening(busy, most=10) as server:
        opened = []
        for number in range(1, 10 + SPARE + 1):
            opened.append(await server.connect())
            opened[-1][1].write(HEAD + b"\r\n")
            while len(server.state.tasks) < number:
                await asyncio.sleep(0.001)
        status, answer = await server.says(HEAD + b"\r\n")
        assert status == 503
        assert b"retry-after: 2" in answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["issue"][0]["code"] == "transient"
        release.set()
        for reader, writer in opened:
            assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
            writer.close()


async def test_a_client_that_does_not_take_its_answer_loses_the_connection() -> None:
    size = 32 * 1024 * 1024
    over = asyncio.Event()

    async def large(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        await send_body(scope, send, b"z" * size, 0.2)
        over.set()

    async with listening(large) as server:
        reader, writer = await server.connect()
        writer.write(HEAD + b"\r\n")
        await asyncio.wait_for(over.wait(), 30)
        received = 0
        with pytest.raises(ConnectionError):
            while chunk := await reader.read(1024 * 1024):
                received += len(chunk)
            raise ConnectionResetError
        assert received < size
        writer.close()


async def test_a_client_that_asks_on_and_takes_no_answers_loses_the_connection() -> None:
    body = b"z" * 200 * 1024

    async def small(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send_body(scope, send, body, 60)

    async with listening(small, take_seconds=0.2) as server:
        _, writer = await server.connect()
        # More than the system's own buffers hold: the answer that is under way waits for the ones before it.
        writer.write((HEAD + b"\r\n") * 200)
        while not server.state.connections:
            await asyncio.sleep(0.001)
        while server.state.connections:
            await asyncio.sleep(0.001)
        writer.close()
