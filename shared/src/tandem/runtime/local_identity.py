"""The identity of embedded mode: a local issuer whose name does not depend on the port it happens to run on."""

from __future__ import annotations

from pathlib import Path

from tandem.identity.issuer import LocalIssuer

LOCAL_ISSUER = "https://tandem.example/local-issuer"
LOCAL_AUDIENCE = "https://tandem.example/fhir"


def local_issuer(directory: Path) -> LocalIssuer:
    """The issuer that keeps its key in this directory."""
    return LocalIssuer(directory, LOCAL_ISSUER, LOCAL_AUDIENCE)
