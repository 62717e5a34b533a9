"""What the floors share: a bare ASGI application on uvicorn with one asyncpg pool."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import uvicorn

Handle = Callable[[Any, dict[str, Any], bytes], Awaitable[tuple[int, bytes]]]
"""From pool, ASGI scope and body to status and body."""


class _Unreset(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


def serve(handle: Handle, prepare: Callable[[argparse.Namespace], None] = lambda _: None) -> None:
    """Serve until ended; the address and the database come from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--pool-size", type=int, default=16)
    arguments = parser.parse_args()
    prepare(arguments)
    uvicorn.run(_app(handle, arguments), host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)


def _app(handle: Handle, arguments: argparse.Namespace) -> Any:
    pool: Any = None

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        nonlocal pool
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    if arguments.database_url:
                        pool = await asyncpg.create_pool(
                            arguments.database_url, min_size=1, max_size=arguments.pool_size, connection_class=_Unreset
                        )
                    await send({"type": "lifespan.startup.complete"})
                else:
                    await send({"type": "lifespan.shutdown.complete"})
                    return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == "/health/ready":
            status, answer = 200, b"{}"
        else:
            status, answer = await handle(pool, scope, body)
        headers = [(b"content-type", b"application/fhir+json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app
