"""`tandem demo`: all five services, a synthetic network, the shared-care journey, and then the server stays."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path(".data/demo"),
    show_default=True,
    help="Emptied at the start.",
)
@click.option("--patients", default=300, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--practices", default=3, show_default=True, type=click.IntRange(1, 50))
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--exit", "leave", is_flag=True, help="Stop after the journey instead of serving on.")
def demo(port: int, data: Path, patients: int, practices: int, seed: int, leave: bool) -> None:
    """Start everything, load a synthetic primary care network, play the journey, print it, keep serving."""
    import asyncio

    from tandem.demo.performance import perform

    asyncio.run(perform(port, data, patients, practices, seed, leave))
