"""The pages of the dashboard as an organisation's program gets them: their words, and the rows of their tables."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx

from tandem_tests.network_area import Area

_TAGS = re.compile(r"<[^>]+>")
_UNREAD = re.compile(r'<span [^>]*aria-hidden="true">[^<]*</span>')


def words(page: str) -> str:
    """What a page says, without its tags, and without the headings that cells repeat on a phone."""
    return re.sub(r"\s+", " ", unescape(_TAGS.sub(" ", _UNREAD.sub(" ", page))))


@dataclass(frozen=True, slots=True)
class DashboardPages:
    """Reads pages in the name of organisations of an area."""

    area: Area
    http: httpx.AsyncClient

    async def get(self, name: str, path: str = "", *, fresh: bool = True) -> httpx.Response:
        """A page; with `fresh`, its figures are counted now."""
        token = self.area.system.token(self.area.codes[name])
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
        separator = "&" if "?" in path else "?"
        wanted = f"{path}{separator}fresh=1" if fresh else path
        return await self.http.get(f"{self.area.system.url}/dashboard{wanted}", headers=headers)

    async def text(self, name: str, path: str = "") -> str:
        """The words of a page that is there."""
        answer = await self.get(name, path)
        assert answer.status_code == 200, answer.text
        return words(answer.text)

    async def rows(self, name: str, path: str) -> list[dict[str, str]]:
        """The rows of a table for spreadsheets."""
        answer = await self.get(name, path)
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    async def told(self, name: str, path: str) -> dict[str, Any]:
        """What a program gets."""
        answer = await self.get(name, path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
