"""Calling an operation of the server from a command: Parameters there, Parameters back, refusals as readable lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import httpx

from tandem.cli.load_client import base_url

_SECONDS = 600


class OperationClient:
    """Talks to one server with one token. Both methods raise click.ClickException with everything that was refused."""

    def __init__(self, url: str, token: str) -> None:
        self._base = base_url(url)
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/fhir+json"}

    def post(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """POST texts, booleans and whole numbers by name; None is left out. Answers the Parameters."""
        named = [_parameter(name, value) for name, value in parameters.items() if value is not None]
        return self._ask("POST", operation, json={"resourceType": "Parameters", "parameter": named})

    def get(self, operation: str, parameters: dict[str, str | None]) -> dict[str, Any]:
        """GET with the parameters that are given. Answers the Parameters."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._ask("GET", operation, params=given)

    def _ask(self, method: str, operation: str, **rest: Any) -> dict[str, Any]:
        try:
            answer = httpx.request(
                method, f"{self._base}/{operation}", headers=self._headers, timeout=httpx.Timeout(_SECONDS, connect=10),
                **rest,
            )  # fmt: skip
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise click.ClickException(f"the server at {self._base} cannot be reached") from error
        try:
            body: dict[str, Any] = answer.json()
        except ValueError as error:
            raise click.ClickException(f"the server answered {answer.status_code}") from error
        if not answer.is_success:
            raise click.ClickException("\n".join(_refusals(body)) or f"the server answered {answer.status_code}")
        return body


def parts_named(parameters: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The parts of each parameter of this name, as a dictionary from part to value; the first of a name counts."""
    for parameter in parameters.get("parameter", ()):
        if parameter["name"] == name:
            found: dict[str, Any] = {}
            for part in parameter.get("part", ()):
                values = [value for key, value in part.items() if key.startswith("value")]
                found.setdefault(part["name"], values[0] if values else None)
            yield found


def values_named(parameters: dict[str, Any], name: str) -> list[Any]:
    """The values of all parameters of this name."""
    return [
        value
        for parameter in parameters.get("parameter", ())
        if parameter["name"] == name
        for key, value in parameter.items()
        if key.startswith("value")
    ]


def text_of(file: Path) -> str:
    """The text of a file. Raises click.ClickException when it is not UTF-8 or nothing stands in it."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8 text") from error
    if not text.strip():
        raise click.ClickException(f"{file}:1: the file is empty")
    return text


def _parameter(name: str, value: Any) -> dict[str, Any]:
    kind = "valueBoolean" if isinstance(value, bool) else "valueInteger" if isinstance(value, int) else "valueString"
    return {"name": name, kind: value}


def _refusals(body: dict[str, Any]) -> Iterator[str]:
    for issue in body.get("issue", ()):
        yield str(issue.get("details", {}).get("text") or issue.get("diagnostics") or issue.get("code"))
