"""Connecting to public addresses only, however a name resolves.

A name is resolved once and the connection goes to the very address that was looked at, so that a second answer of the
name server (DNS rebinding) cannot lead inside. The certificate is still checked against the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

import httpcore


def is_public(address: str) -> bool:
    """Whether an address (in text) is one of the public internet: not private, loopback, link-local or multicast."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return is_public(str(found.ipv4_mapped))
    return found.is_global and not found.is_multicast


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """The network as a connection pool uses it; with `private` any address may be connected to."""

    def __init__(self, private: bool) -> None:
        self._private = private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,  # noqa: ASYNC109 as the interface has it
        local_address: str | None = None, socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        """Connect to the first of the name's addresses that may be. Raises httpcore.ConnectError."""
        refused: Exception = httpcore.ConnectError("the name has no address that may be connected to")
        for address in await self._resolved(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
        raise refused

    async def _resolved(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise httpcore.ConnectError("the name is not known") from None
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        return [address for address in addresses if self._private or is_public(address)]
