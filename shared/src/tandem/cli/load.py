"""`tandem load`: send files of FHIR records to `$ingest`, follow the jobs, wait until all have caught up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import httpx

from tandem.cli.load_client import LoadClient, PieceRefused, Progress, ServerRefuses, base_url
from tandem.cli.load_pieces import Phase, Piece, count_entries, files_below, pieces
from tandem.cli.load_summary import Summary

_IN_FLIGHT = 2
_ASK_AGAIN = 0.25


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--url", required=True, help="The server, with or without /fhir.")
@click.option("--token", required=True, envvar="TANDEM_TOKEN", help="A bearer token, for example from `tandem token`.")
@click.option("--practice", help="ODS code of the registered practice of people whose record names none.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), default=Path("rejects.ndjson"),
              show_default=True, help="Where records that were refused are listed, with the reasons.")  # fmt: skip
@click.option("--again", is_flag=True, help="Also send files that have not changed since they were last loaded.")
@click.option("--no-wait", is_flag=True, help="Do not wait until all services have taken the events.")
def load(
    paths: tuple[Path, ...], url: str, token: str, practice: str | None, rejects: Path, again: bool,
    no_wait: bool,
) -> None:  # fmt: skip
    """Load Bundles (*.json) and NDJSON files (*.ndjson), or all of them in a folder.

    Records may be of any mix of types and come in any order. Loading again what is held already changes nothing, so a
    load that was interrupted is simply started again.

    Exit code: 0 when everything was taken, 1 when anything was refused, 2 when the server cannot be reached or refuses
    the token.
    """
    files = files_below(paths)
    if not files:
        raise click.UsageError("there are no .json or .ndjson files here")
    summary = Summary()
    try:
        asyncio.run(_load(files, base_url(url), token, practice, summary, again=again, wait=not no_wait))
    except ServerRefuses as refused:
        click.echo(f"tandem load: {refused}", err=True)
        if summary.types:
            click.echo(summary.table())
        sys.exit(2)
    click.echo(summary.table())
    summary.write_rejects(rejects)
    if summary.rejects:
        click.echo(f"\n{len(summary.rejects):,} refused; see {rejects}", err=True)
        sys.exit(1)


async def _load(
    files: Sequence[Path],
    base: str,
    token: str,
    practice: str | None,
    summary: Summary,
    *,
    again: bool,
    wait: bool,
) -> None:
    async with http_client(token) as http:
        client = LoadClient(http, base, practice, again=again)
        with click.progressbar(length=count_entries(files), label="loading", file=sys.stderr) as bar:
            await send_files(client, files, summary, bar.update)
        if wait:
            await wait_until_caught_up(client)


def http_client(token: str) -> httpx.AsyncClient:
    """A client that brings the token."""
    headers = {"authorization": f"Bearer {token}", "accept": "application/fhir+json"}
    return httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(300, connect=10))


async def send_files(client: LoadClient, files: Sequence[Path], summary: Summary, progress: Progress) -> None:
    """Send all files, phase by phase. Raises ServerRefuses."""
    for phase in Phase:
        await _send_all(client, pieces(files, phase), summary, progress)


async def _send_all(client: LoadClient, waiting: Iterator[Piece], summary: Summary, progress: Progress) -> None:
    async def send() -> None:
        for piece in waiting:
            try:
                summary.add(piece, await client.load(piece, progress))
            except PieceRefused as refused:
                summary.refuse(piece, str(refused))

    # Both take from the same iterator, so a piece is read only when there is a place for it.
    tasks = [asyncio.create_task(send()) for _ in range(_IN_FLIGHT)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def wait_until_caught_up(client: LoadClient) -> None:
    """Wait until every service has taken all events; tell of those that none can take. Raises ServerRefuses."""
    told = False
    while True:
        state = await client.caught_up()
        if state["caughtUp"]:
            break
        if not told:
            click.echo("waiting until all services have caught up", err=True)
            told = True
        await asyncio.sleep(_ASK_AGAIN)
    for consumer, count in state["dead"].items():
        click.echo(f"{consumer} has {count} dead letters; see `tandem events dead-letters`", err=True)
