"""What the documents say that can be looked up: links, headings, and `tandem` command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from tandem.cli.main import main

ROOT = Path(__file__).resolve().parents[3]
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
_COMMAND = re.compile(r"(?<![\w/-])(?:\S*/bin/)?tandem((?:[ \t]+[^\s|;&]+)+)")
_NAMED_TANDEM = ("--namespace", "-n", "--install", "-t", "uninstall", "rollback", "history", "status")
"""Words of other programs after which `tandem` is a name."""


def documents() -> list[Path]:
    """Every page of the project in Markdown."""
    return sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])


def relative_links(page: Path) -> Iterator[str]:
    """The targets of a page's links that lead to files or headings of the project."""
    prose = _SPAN.sub("", _FENCED.sub("", page.read_text()))
    yield from (target for target in _LINK.findall(prose) if "://" not in target and not target.startswith("mailto:"))


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCED.sub("", page.read_text())):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 1
        while slug in found:
            slug, number = f"{slug.removesuffix(f'-{number - 1}')}-{number}", number + 1
        found.add(slug)
    return found


def broken_links(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    broken = []
    for target in relative_links(page):
        path, _, fragment = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (fragment and there.suffix == ".md" and fragment not in anchors(there)):
            broken.append(target)
    return broken


def command_lines(page: Path) -> list[list[str]]:
    """The words after `tandem` of every command line in a page's code."""
    text = page.read_text()
    blocks = [re.sub(r"^```.*$", "", block, flags=re.MULTILINE) for block in _FENCED.findall(text)]
    code = [*blocks, *_SPAN.findall(_FENCED.sub("", text))]
    found = []
    for piece in code:
        for line in re.sub(r"\\\n", " ", piece).splitlines():
            for match in _COMMAND.finditer(line.partition(" #")[0]):
                if line[: match.start()].split()[-1:] not in [[word] for word in _NAMED_TANDEM]:
                    found.append(match[1].rstrip(")'\"").split())
    return found


def fault_of(words: list[str]) -> str | None:
    """What is wrong with a command line of `tandem`, or None."""
    command: click.Command = main
    context = click.Context(main)
    for word in words:
        if word.startswith("-"):
            named = {option for parameter in command.get_params(context) for option in parameter.opts}
            if word.partition("=")[0] not in named | {"-h", "--help", "--version"}:
                return f"{command.name} has no option {word}"
        elif isinstance(command, click.Group):
            inner = command.get_command(context, word)
            if inner is None:
                return f"{command.name} has no command {word}"
            command = inner
    return None


_COMPOSE = re.compile(r"docker compose (exec|run|logs|restart|stop|start)[ \t]+([^|;&>#`\n]+)")
_WITH_VALUE = ("--tail", "--entrypoint", "--env", "-e", "--user", "-u", "--since", "--timeout", "-t", "--index")


def containers_named(page: Path) -> set[str]:
    """The containers that a page's `docker compose` command lines are about; placeholders are left out."""
    found = set()
    for _, rest in _COMPOSE.findall(page.read_text()):
        words = iter(rest.split())
        for word in words:
            if word in _WITH_VALUE:
                next(words, None)
            elif not word.startswith("-"):
                found |= set() if word.startswith("<") else {word}
                break
    return found
