"""The local issuer in a process of its own, for systems of several processes on a machine of one's own.

It signs tokens for whoever is registered in its directory. It is no identity service for patients' records: people have
passwords that nobody recovers, and one process keeps the codes of sign-ins that are under way.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from tandem.identity.issuer import LocalIssuer
from tandem.identity.token_endpoint import TokenEndpoint
from tandem.pages.assets import assets_route
from tandem.runtime.bounded_pages import BoundedPages
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.runtime.overload import Overload
from tandem.runtime.web import Front, add_health
from tandem.settings import SettingError, Settings
from tandem.telemetry.framework import SILENT


def issuer_app(settings: Settings) -> Front:
    """Its addresses, health and metrics. Raises SettingError without TANDEM_ISSUER_DATA, the directory of its key."""
    if not settings.issuer_data:
        raise SettingError("issuer needs TANDEM_ISSUER_DATA; the settings are in docs/settings.md")
    directory = Path(settings.issuer_data)
    issuer = LocalIssuer(directory, settings.issuer or LOCAL_ISSUER, settings.audience or LOCAL_AUDIENCE)

    async def ready() -> dict[str, str]:
        return {"issuer": "ok"}  # its key is in memory, and nothing else is needed

    app = FastAPI(title="Tandem issuer", docs_url=None, redoc_url=None, openapi_url=None, telemetry=SILENT)
    app.router.routes.extend([*TokenEndpoint(issuer, directory, settings.public_url).routes(), assets_route()])
    overload = Overload(settings)
    add_health(app, ready, (), overload)
    # There are no resources: what is below /fhir is one more of its addresses, or not there.
    return Front(app, BoundedPages(app, overload), overload)
