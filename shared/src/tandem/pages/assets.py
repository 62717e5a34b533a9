"""`/assets`: the stylesheets of the pages, out of the package. Addresses have a digest, so browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FILES = {
    "nhsuk-frontend": ("nhsuk_frontend/nhsuk-frontend.css", "text/css; charset=utf-8", "css"),
    "tandem": ("tandem.css", "text/css; charset=utf-8", "css"),
    "icon": ("icon.svg", "image/svg+xml", "svg"),
}  # fmt: skip


@lru_cache
def _assets() -> dict[str, tuple[bytes, str]]:
    found = {}
    for name, (path, kind, ending) in _FILES.items():
        content = files("tandem.pages").joinpath(path).read_bytes()
        found[f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"] = (content, kind)
    return found


def style_addresses() -> dict[str, str]:
    """Where each asset stands: `nhsuk-frontend`, `tandem` and `icon`."""
    return dict(zip(_FILES, (f"/assets/{name}" for name in _assets()), strict=True))


def assets_route() -> Route:
    """`GET /assets/{name}`; needs no sign-in, and holds nothing about anybody."""

    async def asset(request: Request) -> Response:
        found = _assets().get(request.path_params["name"])
        if found is None:
            return Response(status_code=404)
        content, kind = found
        return Response(content, headers={"Cache-Control": "max-age=31536000, immutable"}, media_type=kind)

    return Route("/assets/{name}", asset, methods=["GET"])
