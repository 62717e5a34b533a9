"""The endpoint of a subscriber: https on a free port, under an authority of its own, that remembers what it was sent.

It answers 200 until it is told otherwise: with other statuses in turn, by hanging, or with an answer without an end.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_ENDED = (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, ssl.SSLError)
_YEARS = dt.timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Received:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def resource(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(slots=True)
class Receiver:
    """`requests` in the order of their arrival. `statuses` are given to the next requests, then 200."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    """Sent as Location, and a cookie with it, when it is not empty."""
    hanging: set[str] = field(default_factory=set)
    """Paths that are not answered before `released` is set."""
    endless: bool = False
    """Whether answers go on for ever."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _connections: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """Its name in a register of hosts."""
        return f"127.0.0.1:{self.port}"

    def of(self, path: str) -> list[Received]:
        """The requests below a path."""
        return [each for each in self.requests if each.path.startswith(path)]

    async def wait_for(self, number: int, path: str = "/") -> list[Received]:
        """Wait until so many requests have come below a path; all of them."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.of(path)) >= number)
        return self.of(path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until the other side goes."""
        own = asyncio.current_task()
        assert own is not None, "a connection is served in a task"
        self._connections.add(own)
        try:
            with contextlib.suppress(*_ENDED):
                while True:
                    await self._answer(reader, writer)
        finally:
            # Closing would wait half a minute for the farewell of a client that keeps its connection open.
            writer.transport.abort()
            self._connections.discard(own)

    async def gone(self) -> None:
        """End every connection."""
        self.released.set()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        pairs = [line.split(": ", 1) for line in head[1:] if line]
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        async with self._arrived:
            self.requests.append(Received(method, path, headers, body))
            self._arrived.notify_all()
        if path in self.hanging:
            await self.released.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        more = f"Location: {self.location}\r\nSet-Cookie: crumb=1\r\n" if self.location else ""
        if self.endless:
            writer.write(f"HTTP/1.1 {status} Said\r\n{more}Transfer-Encoding: chunked\r\n\r\n".encode())
            while True:
                writer.write(b"400\r\n" + b"." * 1024 + b"\r\n")
                await writer.drain()
        writer.write(f"HTTP/1.1 {status} Said\r\n{more}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def receiving(folder: Path) -> AsyncIterator[Receiver]:
    """A receiver while the block lasts; `folder/ca.pem` is the authority of its certificate."""
    receiver = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.gone()


def register(folder: Path, hosts: dict[str, list[str]], **options: Any) -> Path:
    """Write the register of hosts beside `ca.pem`: an organisation's code to its hosts."""
    chosen = {"private": True, "ca": "ca.pem", **options}
    document = {code: dict.fromkeys(names, chosen) for code, names in hosts.items()}
    path = folder / "subscription-hosts.json"
    path.write_text(json.dumps(document))
    return path


def _certificate(folder: Path) -> Path:
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority for tests")])
    root = _signed(name, name, authority, authority, x509.BasicConstraints(ca=True, path_length=0))
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An endpoint for tests")])
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = _signed(name, own, authority, key, addresses)
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = folder / "endpoint.pem"
    chain.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    return chain


def _signed(
    issuer: x509.Name, subject: x509.Name, by: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:  # fmt: skip
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - _YEARS).not_valid_after(now + _YEARS)
    builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    builder = builder.add_extension(identifier, critical=False).add_extension(issued_by, critical=False)
    return builder.sign(by, hashes.SHA256())
