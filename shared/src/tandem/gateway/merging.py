"""One page out of the pages of several services, in one order, nothing left out.

Each service is read along its own signed links. A page of a service that was not used up is read again for the next
page, and what was shown of it is skipped by name, so what is written meanwhile shifts nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tandem.fhir.body import Resource
from tandem.gateway.page_token import Position

Ask = Callable[[str, str], Awaitable[Resource]]
"""`(service, query)`: the Bundle that the service answers."""
Entry = dict[str, Any]
Before = Callable[[Entry, Entry], bool]
"""Whether the first entry stands before the second."""
Beyond = Callable[[Entry], bool]
"""Whether an entry stands after all that earlier pages have shown."""
_NAMES_KEPT = 3
_LOOK_AHEAD = 10


@dataclass(slots=True)
class Merged:
    """Entries in order, those that came with them (included resources, outcomes), and where each service stands."""

    entries: list[Entry] = field(default_factory=list)
    beside: list[Entry] = field(default_factory=list)
    positions: dict[str, Position] = field(default_factory=dict)
    bundles: list[Resource] = field(default_factory=list)

    @property
    def more(self) -> bool:
        return any(position.query is not None for position in self.positions.values())


class _Stream:
    """The entries of one service from a position on."""

    def __init__(self, ask: Ask, service: str, position: Position, beyond: Beyond) -> None:
        self._ask = ask
        self._beyond = beyond
        self.service = service
        self._query = position.query
        self._shown = position.shown
        self._next: str | None = None
        self._page: list[Entry] = []
        self._place = 0
        self.first: Resource | None = None
        self.beside: list[Entry] = []
        self._beside_of_page: list[Entry] = []

    async def open(self) -> None:
        if self._query is None:
            return
        start = self._query
        await self._read(start)
        for _ in range(_LOOK_AHEAD):
            if not self._shown or self._skip() or self._next is None:
                return
            # New entries have pushed what was shown off this page.
            await self._read(self._next)
        if not self._skip():
            # What was shown is gone: rather show something twice than leave something out.
            await self._read(start)

    async def head(self) -> Entry | None:
        while True:
            if self._place < len(self._page):
                if self._beyond(self._page[self._place]):
                    return self._page[self._place]
                self._place += 1
            elif self._query is None or self._next is None:
                self._query = None
                return None
            else:
                await self._read(self._next)

    def take(self) -> None:
        self._place += 1
        self.beside += self._beside_of_page
        self._beside_of_page = []

    def position(self) -> Position:
        if self._query is None or (self._place == len(self._page) and self._next is None):
            return Position(None)
        if self._place == len(self._page):
            return Position(self._next)
        shown = [name_of(entry) for entry in self._page[max(0, self._place - _NAMES_KEPT) : self._place]]
        return Position(self._query, shown)

    async def _read(self, query: str) -> None:
        bundle = await self._ask(self.service, query)
        self.first = self.first or bundle
        entries: list[Entry] = bundle.get("entry") or []
        self._page = [entry for entry in entries if _mode(entry) == "match"]
        self._beside_of_page = [entry for entry in entries if _mode(entry) != "match"]
        self._place, self._query, self._next = 0, query, next_query(bundle)

    def _skip(self) -> bool:
        names = [name_of(entry) for entry in self._page]
        places = [names.index(name) for name in self._shown if name in names]
        if places:
            self._place = max(places) + 1
        return bool(places)


async def merge(
    ask: Ask, positions: dict[str, Position], count: int, before: Before, beyond: Beyond = lambda _: True
) -> Merged:
    """The next `count` entries of all services together. Raises what `ask` raises: part of an answer is no answer.

    What was written meanwhile and does not stand `beyond` what was shown is left out.
    """
    streams = [_Stream(ask, service, position, beyond) for service, position in positions.items()]
    await asyncio.gather(*(stream.open() for stream in streams))
    merged = Merged()
    while len(merged.entries) < count:
        first, entry = await _foremost(streams, before)
        if first is None or entry is None:
            break
        merged.entries.append(entry)
        first.take()
    merged.positions = {stream.service: stream.position() for stream in streams}
    merged.bundles = [stream.first for stream in streams if stream.first is not None]
    merged.beside = _once(entry for stream in streams for entry in stream.beside)
    return merged


async def _foremost(streams: Sequence[_Stream], before: Before) -> tuple[_Stream | None, Entry | None]:
    chosen: _Stream | None = None
    foremost: Entry | None = None
    for stream in streams:
        entry = await stream.head()
        if entry is not None and (foremost is None or before(entry, foremost)):
            chosen, foremost = stream, entry
    return chosen, foremost


def _once(entries: Any) -> list[Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(f"{_mode(entry)} {entry.get('fullUrl', '')}", entry)
    return list(found.values())


def _mode(entry: Entry) -> str:
    return str((entry.get("search") or {}).get("mode", "match"))


def name_of(entry: Entry) -> str:
    """What tells an entry from all others: its address, and in a history its version."""
    return f"{entry.get('fullUrl', '')} {(entry.get('response') or {}).get('etag', '')}"


def next_query(bundle: Resource) -> str | None:
    """The query string of the Bundle's `next` link."""
    for link in bundle.get("link") or ():
        if link.get("relation") == "next":
            return str(link["url"]).partition("?")[2]
    return None
