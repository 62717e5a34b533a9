"""Figures that were counted for a page are kept, so that the next page has them at once.

A kept figure is right as long as nothing of its kinds of facts has changed up to its last day, and then is shown as it
is. Once something has, it is counted anew beside the page, and is shown for a quarter of an hour more at most; once
somebody was erased, not at all. Every page says when its figures were counted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from metrics_service.domain.measures.clauses import kinds_of
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.facts.changes import Changes, changes_so_far
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from tandem.database.connection import Connection, Database
from tandem.fhir.kernel import Kernel

OLDEST: Final = 15 * 60
ANEW: Final = 5
SOON: Final = 2 * 60
"""So long before a changed figure may be shown no more it is counted ahead."""
_GIVE_WAY: Final = 1.0
_MOST: Final = 50_000
_log = logging.getLogger(__name__)
Rest = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure that a page shows."""

    definition: Definition
    area: Area
    span: Span
    strata: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others."""
        return (self.definition.id, self.definition.version, self.area, self.span, self.strata)

    def stamp(self, changes: Changes) -> int:
        """What the figure stands on: it is another once something has changed that it could count."""
        narrowed = self.area.narrowed
        lived = ("care-home-stay",) if narrowed.home is not None or narrowed.homes else ()
        return changes.stamp((*kinds_of(self.definition), *lived), self.span.last)


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure, when it was counted by the domain clock and by this machine, and the changes that it stands on."""

    figure: Figure
    counted: datetime
    at: float
    stamp: int
    erasures: int


class KeptFigures:
    """The figures of one process. `now` is seconds that only grow."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: OrderedDict[tuple[object, ...], Kept] = OrderedDict()
        self._again: set[asyncio.Task[None]] = set()
        self._waiting: set[tuple[object, ...]] = set()
        self._pages = 0

    async def figures(self, kernel: Kernel, wanted: Sequence[Wanted], *, fresh: bool = False) -> list[Kept]:
        """All of them, in order. With `fresh`, counted now unless nothing has changed since."""
        self._pages += 1
        try:
            async with kernel.database.read() as connection:
                changes = await changes_so_far(connection)
                missing = [each for each in wanted if not self._usable(each, changes, 0 if fresh else OLDEST)]
                for these in _alike(missing):
                    await self._count(kernel, connection, these, changes)
                found = [self._kept[each.key] for each in wanted]
        finally:
            self._pages -= 1
        old = [
            each for each, kept in zip(wanted, found, strict=True)
            if kept.stamp != each.stamp(changes) and kept.at < self._now() - ANEW and each.key not in self._waiting
        ]  # fmt: skip
        if old:
            self._waiting.update(each.key for each in old)
            task = asyncio.create_task(self._count_again(kernel, old), name="figures of pages")
            self._again.add(task)
            task.add_done_callback(self._again.discard)
        self._forget()
        return found

    async def count_ahead(self, kernel: Kernel, wanted: Sequence[Wanted], rest: Rest) -> int:
        """Count what a page would wait for, now or soon; answers how many figures. After each group it rests as long as
        that took, and for as long as pages count."""
        counted = 0
        for these in _alike(wanted):
            while self._pages:
                await rest(_GIVE_WAY)
            started = self._now()
            async with kernel.database.read() as connection:
                changes = await changes_so_far(connection)
                missing = [each for each in these if not self._usable(each, changes, OLDEST - SOON)]
                if missing:
                    await self._count(kernel, connection, missing, changes)
            if missing:
                counted += len(missing)
                await rest(self._now() - started)
        self._forget()
        return counted

    def _usable(self, wanted: Wanted, changes: Changes, oldest: float) -> bool:
        """Whether it is right, or was counted less than `oldest` seconds ago."""
        kept = self._kept.get(wanted.key)
        if kept is None or kept.erasures != changes.erasures:
            return False
        self._kept.move_to_end(wanted.key)
        return kept.stamp == wanted.stamp(changes) or kept.at > self._now() - oldest

    async def _count(
        self, kernel: Kernel, connection: Connection, wanted: Sequence[Wanted], changes: Changes
    ) -> None:
        """Count those of one area, span and detail together."""
        # The changes are read first: what is heard meanwhile may be in the figure already, and has it counted again.
        first = wanted[0]
        definitions = [each.definition for each in wanted]
        found = await figures(connection, definitions, first.area, first.span, strata=first.strata)
        for each, figure in zip(wanted, found, strict=True):
            self._kept[each.key] = Kept(figure, kernel.clock.now(), self._now(), each.stamp(changes), changes.erasures)

    async def _count_again(self, kernel: Kernel, wanted: Sequence[Wanted]) -> None:
        try:
            for these in _alike(wanted):
                # One connection each: a page that comes meanwhile is served between them.
                async with kernel.database.read() as connection:
                    await self._count(kernel, connection, these, await changes_so_far(connection))
        except Exception as error:
            # Nobody waits for it, and the figures stay as old as the page says they are.
            _log.error("figures could not be counted again: %s", type(error).__name__)
        finally:
            self._waiting.difference_update(each.key for each in wanted)

    def _forget(self) -> None:
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


def _alike(wanted: Sequence[Wanted]) -> Iterator[Sequence[Wanted]]:
    """Those that are counted together, which reads their facts once."""
    found: dict[tuple[object, ...], list[Wanted]] = {}
    for each in wanted:
        found.setdefault((each.area, each.span, each.strata), []).append(each)
    yield from found.values()


_OF_DATABASE: WeakKeyDictionary[Database, KeptFigures] = WeakKeyDictionary()


def kept_of(kernel: Kernel) -> KeptFigures:
    """Those of this process and this database: pages and what counts ahead of them share them."""
    return _OF_DATABASE.setdefault(kernel.database, KeptFigures())
