"""The hosts that an operator has registered for each organisation: nothing is ever sent to another one.

The file maps an organisation's code to its hosts, each with its options:

    {"RXP01": {"hooks.provider.example": {}, "hscn.provider.example:8443": {"private": true, "ca": "hscn.pem"}}}

`private` allows addresses that are not public (a health network, a laboratory), `ca` names a PEM file of the only
authorities that are trusted for the host; a relative name is taken from the folder of the file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOSTS_FILE = "subscription-hosts.json"
_OPTIONS = {"private", "ca"}


class HostsUnreadable(Exception):
    """The file is there and is no register of hosts. The text names no content of it."""


@dataclass(frozen=True, slots=True)
class Host:
    """A registered host: `name` as in the file, `host` or `host:port` in lower case."""

    name: str
    private: bool = False
    ca: Path | None = None


class HostRegistry:
    """The file, read again when it changes. Without a file nobody has a host."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._hosts: dict[str, dict[str, Host]] = {}

    def find(self, organisation: str, name: str) -> Host | None:
        """The host of this organisation (a code) under that name. Raises HostsUnreadable."""
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._hosts, self._stamp = _read(self._path), stamp
        return self._hosts.get(organisation, {}).get(name)


def _read(path: Path) -> dict[str, dict[str, Host]]:
    try:
        document = json.loads(path.read_bytes())
        return {
            organisation: {name.lower(): _host(name, options, path.parent) for name, options in hosts.items()}
            for organisation, hosts in document.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        raise HostsUnreadable(f"{path.name} maps an organisation to its hosts, each with private and ca") from None


def _host(name: str, options: dict[str, Any], folder: Path) -> Host:
    private, ca = options.get("private", False), options.get("ca")
    if set(options) - _OPTIONS or not isinstance(private, bool) or not isinstance(ca, str | None):
        raise ValueError(name)
    return Host(name.lower(), private, folder / ca if ca is not None else None)
