"""The templates of letters that the service ships: `<letter>.<language>.html`, `<letter>.<language>.easy-read.html`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from mdt_service.domain.invitations.template import Template, parse_template


@lru_cache(maxsize=1)
def letter_templates() -> tuple[Template, ...]:
    """Every template, checked. Raises TemplateError."""
    pages = sorted(
        (page for page in files("mdt_service.letters").iterdir() if page.name.endswith(".html")),
        key=lambda page: page.name,
    )
    return tuple(_read(page.name, page.read_text(encoding="utf-8")) for page in pages)


def _read(name: str, html: str) -> Template:
    letter, language, *form = name.removesuffix(".html").split(".")
    return parse_template(letter, language, form == ["easy-read"], html)
