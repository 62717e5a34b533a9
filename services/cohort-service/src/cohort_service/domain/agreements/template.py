"""Templates of agreements: readable text with placeholders, which a draft fills in (AC-084)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

PLACEHOLDERS = frozenset(("holder", "partners", "parties", "data", "purposes", "start", "end"))
"""What a text may leave open, as `{{holder}}`."""

_OPEN = re.compile(r"\{\{([^{}]*)\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template. `role` is the code of the OrganizationAffiliation, `due` the day it must be signed by.

    `purposes` and `data` are what a draft takes when it names none itself; only a sharing agreement has them.
    """

    id: str
    version: str
    title: str
    role: str
    source: str
    text: str
    due: date | None = None
    purposes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`id@version`, as a draft cites it."""
        return f"{self.id}@{self.version}"

    @property
    def shares(self) -> bool:
        """Whether an agreement made from it opens records."""
        return self.role == "sharing-agreement"


def template_of(content: Mapping[str, Any]) -> Template:
    """A Template from the content of its file. Raises ValueError for a placeholder that no draft fills."""
    unknown = sorted(set(_OPEN.findall(content["text"])) - PLACEHOLDERS)
    if unknown:
        raise ValueError(f"template {content['id']} leaves open what no draft fills: {', '.join(unknown)}")
    return Template(
        content["id"], str(content["version"]), content["title"], content["role"], content["source"], content["text"],
        content.get("due"), tuple(content.get("purposes") or ()), tuple(content.get("data") or ()),
    )  # fmt: skip


def open_places(template: Template) -> list[str]:
    """The placeholders of a template's text, in order, each once."""
    return list(dict.fromkeys(_OPEN.findall(template.text)))


def filled(template: Template, values: Mapping[str, str]) -> str:
    """The text with every placeholder filled in. Raises KeyError when a value is missing."""
    return _OPEN.sub(lambda match: values[match[1]], template.text)
