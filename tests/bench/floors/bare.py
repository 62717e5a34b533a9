"""The floor of start-up and memory: uvicorn with an application that does nothing."""

from __future__ import annotations

from typing import Any

from serving import serve


async def _nothing(pool: Any, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    return 200, b"{}"


if __name__ == "__main__":
    serve(_nothing)
