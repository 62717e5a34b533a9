"""A PostgreSQL or RabbitMQ server that tests may use, and the search for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """`url` names a database or a virtual host on it; `stop` ends what was started for this run and nothing else."""

    url: str
    source: str
    stop: Callable[[], None] = lambda: None
    management_url: str | None = None
    """RabbitMQ only: where its management plugin may answer."""

    def at(self, path: str) -> str:
        """The URL of another database or virtual host on the same server."""
        parts = urlsplit(self.url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{parts.netloc}/{path}{query}"


@dataclass(frozen=True, slots=True)
class Source:
    """One place to have a server from; `find` answers None, or raises, when there is none."""

    name: str
    find: Callable[[], Server | None]


class NoServer(Exception):
    """None of the sources has one; the text says what was tried."""


def first_of(sources: Sequence[Source]) -> Server:
    """The first server to be had. Raises NoServer with every reason against."""
    tried = []
    for source in sources:
        try:
            server = source.find()
        except Exception as fault:  # whatever a driver, Docker or a wheel may raise: the next source is tried
            first_line = next(iter(str(fault).splitlines()), "")
            tried.append(f"{source.name}: {type(fault).__name__} {first_line}".rstrip())
            continue
        if server is not None:
            return server
        tried.append(f"{source.name}: none")
    raise NoServer("; ".join(tried))
