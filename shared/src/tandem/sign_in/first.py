"""Nobody is signed in: on to the sign-in, and afterwards back to where the browser wanted to go."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

SIGN_IN: Final = "/sign-in"


def sign_in_first(request: Request) -> Response:
    """Sends the browser to the sign-in."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'return': wanted})}", 303, {"Cache-Control": "no-store"})
