"""`tandem serve`: everything in one process, or one service of many."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click

from tandem.clock import Clock, SettableClock
from tandem.runtime.server import serve_front
from tandem.runtime.services import ISSUER, SERVICE_NAMES
from tandem.settings import SettingError, Settings, settings_from
from tandem.telemetry.logging_setup import set_up_logging
from tandem.telemetry.tracing import trace_with


@click.command()
@click.argument("service", required=False, type=click.Choice((*SERVICE_NAMES, ISSUER)))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--data", type=click.Path(path_type=Path), help="Data directory; all five services embedded.")
@click.option("--clock", "start", help="Start a settable domain clock at this time.")
def serve(service: str | None, host: str, port: int, data: Path | None, start: str | None) -> None:
    """Serve all five services embedded (with --data), or one SERVICE with its URLs from the environment.

    `issuer` is the local issuer of tokens, by itself: for a machine of your own, not for patients' records.
    """
    try:
        settings = settings_from()
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    set_up_logging(service or "tandem", settings.log_level, settings.log_format)
    if settings.otlp_endpoint:
        from tandem.telemetry.opentelemetry_tracer import open_telemetry

        trace_with(open_telemetry(service or "tandem", version("tandem"), settings.otlp_endpoint, settings.trace_ratio))
    if service is None:
        _serve_embedded(settings, host, port, data, start)
    elif data is not None:
        raise click.UsageError("--data is for all services embedded, not for one")
    else:
        _serve_one(service, settings, host, port, _clock(start))


def _serve_embedded(settings: Settings, host: str, port: int, data: Path | None, start: str | None) -> None:
    from tandem.runtime.embedded import EmbeddedSystem, embedded_settings

    if data is None:
        raise click.UsageError("give --data DIR to serve everything embedded, or name one service")
    settings = embedded_settings(settings, host, port)
    system = EmbeddedSystem(data, settings, clock=_clock(start))
    (data / "serve.json").write_text(json.dumps({"url": f"http://{host}:{port}"}))
    serve_front(system.app(), settings, host, port)


def _serve_one(service: str, settings: Settings, host: str, port: int, clock: Clock | None) -> None:
    from tandem.runtime.issuer_process import issuer_app
    from tandem.runtime.process import process_app

    if settings.public_url == Settings().public_url:
        settings = replace(settings, public_url=f"http://{host}:{port}")
    try:
        app = issuer_app(settings) if service == ISSUER else process_app(service, settings, clock)
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    if service != ISSUER:
        _check_schema(service, settings.database_url)
    serve_front(app, settings, host, port)


def _check_schema(service: str, database_url: str) -> None:
    """Refuse to start on a schema of another release: an older one is migrated first, a newer one is not understood."""
    from tandem.cli.schema_errors import readable_schema_errors
    from tandem.database.migrate import pending
    from tandem.runtime.services import declared_service

    with readable_schema_errors(service):
        behind = asyncio.run(pending(declared_service(service), database_url))
    if behind:
        raise click.ClickException(f"the database of {service} is of an older release: tandem migrate {service}")


def _clock(start: str | None) -> Clock | None:
    if start is None:
        return None
    try:
        return SettableClock(datetime.fromisoformat(start))
    except ValueError as error:
        raise click.UsageError("--clock takes a time with an offset, e.g. 2020-07-01T09:00+01:00") from error
