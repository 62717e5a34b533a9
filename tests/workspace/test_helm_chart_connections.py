"""The connections that the chart asks for are made: PostgreSQL and RabbitMQ by TLS, with the server's name verified."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import AMQPConnectionError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tandem_tests.helm_chart import environment, example, manifests, of_kind
from tandem_tests.private_postgresql import PrivatePostgresql

_TANDEM = str(Path(sys.executable).with_name("tandem"))
PASSWORD = "of the tests: @/?"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test, and a server's certificate by it for `localhost` alone."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    def make(self) -> None:
        self.folder.mkdir()
        key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority {self.folder.name}")])
        own = _certificate(name, name, key, key, x509.BasicConstraints(ca=True, path_length=0))
        server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        theirs = _certificate(server, name, server_key, key, x509.SubjectAlternativeName([x509.DNSName("localhost")]))
        self.certificate.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        (self.folder / "server.crt").write_bytes(theirs.public_bytes(serialization.Encoding.PEM))
        plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (self.folder / "server.key").write_bytes(server_key.private_bytes(*plain))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    day = timedelta(days=1)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), now - day, now + day)
    return made.add_extension(extension, critical=False).sign(by, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "ours")
    made.make()
    return made


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "theirs")
    made.make()
    return made


@pytest.fixture
def server(private_postgresql: PrivatePostgresql, authority: Authority) -> int:
    """The port of a server that takes TLS and passwords alone, with a role and a database `cohort`."""
    asyncio.run(_by_tls_alone(private_postgresql.url("postgres"), authority))
    return private_postgresql.port


async def _by_tls_alone(url: str, authority: Authority) -> None:
    connection = await asyncpg.connect(url)
    try:
        _certified(Path(await connection.fetchval("SHOW data_directory")), authority)
        quoted = PASSWORD.replace("'", "''")
        await connection.execute(f"CREATE ROLE cohort LOGIN PASSWORD '{quoted}'")
        await connection.execute("CREATE DATABASE cohort OWNER cohort")
        await connection.execute("ALTER SYSTEM SET ssl = on")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


def _certified(folder: Path, authority: Authority) -> None:
    owner = folder.stat()
    for name in ("server.crt", "server.key"):
        held = folder / name
        held.write_bytes((authority.folder / name).read_bytes())
        held.chmod(0o600)
        os.chown(held, owner.st_uid, owner.st_gid)
    (folder / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")


def told_of_the_database(port: int, authority: Path, host: str = "localhost") -> dict[str, str]:
    """What the chart tells a migration, with the folder of certificates moved."""
    found = manifests(example("smallest", database={"host": host, "port": port}))
    pod = of_kind(found, "Job")["cohort-service-migrate"]["spec"]["template"]["spec"]
    return {
        name: value.replace("/etc/tandem/database/ca.crt", str(authority)) for name, value in environment(pod).items()
    }  # fmt: skip


def test_a_database_is_migrated_by_tls_with_a_password_that_stands_in_no_url(server: int, authority: Authority) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TANDEM_", "PG"))}
    told = told_of_the_database(server, authority.certificate) | {"PGPASSWORD": PASSWORD}
    done = subprocess.run(
        [_TANDEM, "migrate", "cohort-service"], env=inherited | told, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the schema is up to date" in done.stdout


async def test_a_database_that_is_not_vouched_for_is_told_no_password(
    server: int, authority: Authority, stranger: Authority
) -> None:
    by_a_stranger = told_of_the_database(server, stranger.certificate)["TANDEM_DATABASE_URL"]
    of_another_name = told_of_the_database(server, authority.certificate, "127.0.0.1")["TANDEM_DATABASE_URL"]
    for url in (by_a_stranger, of_another_name):
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncpg.connect(url, password=PASSWORD)
    right = told_of_the_database(server, authority.certificate)["TANDEM_DATABASE_URL"]
    connection = await asyncpg.connect(right, password=PASSWORD)
    assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") is True
    await connection.close()


@asynccontextmanager
async def broker(authority: Authority) -> AsyncIterator[tuple[int, asyncio.Queue[bytes]]]:
    """A server that takes TLS and keeps the first bytes of whoever comes; it answers nothing."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.folder / "server.crt", authority.folder / "server.key")
    came: asyncio.Queue[bytes] = asyncio.Queue()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.put_nowait(await reader.read(8))
        writer.close()

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield listening.sockets[0].getsockname()[1], came


def amqp_url(port: int, authority: Path, host: str = "localhost") -> str:
    values = example("smallest", rabbitmq={"host": host, "port": port})
    pod = of_kind(manifests(values), "Deployment")["cohort-service"]["spec"]["template"]["spec"]
    url = environment(pod)["TANDEM_AMQP_URL"].replace("/etc/tandem/rabbitmq/ca.crt", str(authority))
    # what Kubernetes puts in when the container starts
    return url.replace("$(RABBITMQ_USERNAME)", "cohort").replace("$(RABBITMQ_PASSWORD)", "secret")


async def test_the_broker_is_spoken_to_by_tls(authority: Authority) -> None:
    async with broker(authority) as (port, came):
        with pytest.raises(AMQPConnectionError):
            await aio_pika.connect(amqp_url(port, authority.certificate), timeout=30)
        assert (await came.get())[:4] == b"AMQP"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_broker_that_is_not_vouched_for_hears_nothing(
    authority: Authority, stranger: Authority, host: str
) -> None:  # fmt: skip
    trusted = stranger if host == "localhost" else authority
    async with broker(authority) as (port, came):
        with pytest.raises(AMQPConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            await aio_pika.connect(amqp_url(port, trusted.certificate, host), timeout=30)
        assert came.empty()
