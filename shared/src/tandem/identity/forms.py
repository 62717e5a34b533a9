"""Forms that a browser or an OAuth client posts."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

_LARGEST = 32_768


async def read_form(request: Request) -> dict[str, str] | None:
    """The fields that have a value; None for a body that is no form of at most 32 KiB with each field once."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > _LARGEST:
            return None
    try:
        fields = parse_qs(raw.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except ValueError:
        return None
    if content_type != "application/x-www-form-urlencoded" or any(len(values) != 1 for values in fields.values()):
        return None
    return {name: values[0] for name, values in fields.items()}
