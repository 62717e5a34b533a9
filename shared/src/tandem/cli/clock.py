"""`tandem clock set`: move the domain clock of a running `tandem serve --clock` forward."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx

from tandem.clock import LONDON
from tandem.runtime.local_identity import local_issuer


@click.group()
def clock() -> None:
    """The domain clock of `tandem serve --clock`."""


@clock.command("set")
@click.argument("time")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True), required=True, help="The server's data directory."
)
@click.option("--url", "urls", multiple=True, help="A process of several; the option once for each of them.")
def set_clock(time: str, data: Path, urls: tuple[str, ...]) -> None:
    """Move the clock forward to TIME (ISO 8601; without an offset, London time) and fire what falls due."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError as error:
        raise click.UsageError("TIME is an ISO 8601 time such as 2020-07-08T09:00+01:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
    token = local_issuer(data).mint("TANDEM", operator=True, ttl=60)
    answers = [_moved(url, token, moment) for url in urls or (_server_url(data),)]
    fired = sum(answer["fired"] for answer in answers)
    click.echo(f"the clock stands at {answers[-1]['now']}; {fired} timed events fired")


def _moved(url: str, token: str, moment: datetime) -> dict[str, Any]:
    try:
        answer = httpx.post(
            f"{url}/clock", json={"now": moment.isoformat()}, headers={"Authorization": f"Bearer {token}"}, timeout=600
        )
    except httpx.HTTPError as error:
        raise click.ClickException(f"the server cannot be reached at {url}; is it running?") from error
    if answer.status_code != 200:
        raise click.ClickException(_why(answer))
    told: dict[str, Any] = answer.json()
    return told


def _server_url(data: Path) -> str:
    try:
        url: str = json.loads((data / "serve.json").read_text())["url"]
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException("no server runs on this data directory") from error
    return url


def _why(answer: httpx.Response) -> str:
    if answer.status_code == 404:
        return "the server goes by the machine's clock; start it with --clock to have one that can be set"
    try:
        return str(answer.json()["issue"][0]["details"]["text"])
    except (ValueError, KeyError, IndexError):
        return f"the server answered {answer.status_code}"
