"""cohort-service alone, in a process of its own."""

from __future__ import annotations

from pathlib import Path

import httpx

from tandem.demo.client import FhirClient
from tandem.identity.issuer import LocalIssuer
from tandem.identity.service_tokens import ServiceTokens
from tandem.identity.signing import load_or_create_key
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem_tests.running import TandemProcess, migrated

POOL = 8
"""Connections to PostgreSQL."""


class CohortProcess:
    """cohort-service in a process of its own; the other services are not there."""

    def __init__(self, folder: Path, database: str, amqp: str) -> None:
        folder.mkdir()
        load_or_create_key(folder / "service-key.pem")
        self._issuer = LocalIssuer(folder, LOCAL_ISSUER, LOCAL_AUDIENCE)
        self._key = folder / "service-key.pem"
        self.database = database
        self._environment = {
            "TANDEM_SERVICE_KEY": str(self._key), "TANDEM_AMQP_URL": amqp, "TANDEM_ISSUER_DATA": str(folder),
            "TANDEM_SERVICES": "cohort-service=http://127.0.0.1:9", "TANDEM_DATABASE_URL": database,
            "TANDEM_POOL_SIZE": str(POOL),
        }  # fmt: skip
        self.process = self.another("cohort-service")

    def another(self, name: str, **environment: str) -> TandemProcess:
        """One more process of the same database, broker and keys; `name` is that of its log."""
        log = self._key.with_name(f"{name}.log")
        return TandemProcess(["cohort-service"], {**self._environment, **environment}, log)

    def start(self) -> None:
        """Migrate, start and wait until it is ready."""
        migrated("cohort-service", self.database)
        self.process.start()
        self.process.wait_ready()

    def client(self, http: httpx.AsyncClient) -> FhirClient:
        """A client with an operator's token."""
        return FhirClient(http, self.process.url, self.operator_token())

    def operator_token(self) -> str:
        """A token of an operator."""
        return self._issuer.mint("T0001", operator=True)

    def another_service(self, http: httpx.AsyncClient) -> FhirClient:
        """What mdt-service would ask with."""
        token = ServiceTokens.from_key_file(self._key, LOCAL_AUDIENCE, "mdt-service").token()
        return FhirClient(http, self.process.url, token)
