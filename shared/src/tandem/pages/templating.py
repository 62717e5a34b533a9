"""From a template to an HTML answer. Templates escape what they are given, and a name that was not given is an error.

https://service-manual.nhs.uk/design-system. The pages hold no scripts, and the headers see to it that a browser loads
nothing but our own stylesheets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from tandem.pages.assets import style_addresses

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip


class Pages:
    """The templates of a package (its folder `templates`), and behind them those of the kernel, `layout.html` first."""

    def __init__(self, package: str) -> None:
        loaders: list[BaseLoader] = [PackageLoader(package)]
        if package != "tandem.pages":
            loaders.append(PackageLoader("tandem.pages"))
        self._environment = Environment(
            loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._environment.globals["styles"] = style_addresses()

    def answer(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """The page as an answer that no cache keeps."""
        text = self._environment.get_template(template).render(**shown)
        return HTMLResponse(text, status, dict(HEADERS))
