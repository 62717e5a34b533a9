"""The people who may sign in at the local issuer: the file `people.json` in its directory, written by `tandem user`."""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tandem.identity.organisations import organisation_code

PEOPLE_FILE: Final = "people.json"
DEFAULT_SCOPE: Final = "user/*.rs"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class SigningIn:
    """A person: the name they sign in with, how they are shown, their password's hash, and what their tokens say."""

    name: str
    display: str
    password: str
    organisation: str
    user: str
    role: str | None = None
    purpose: str | None = None
    scope: str = DEFAULT_SCOPE

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError("a name is small letters, digits, dots, dashes and underscores, 64 at most")
        if not self.display.strip() or not self.user.strip():
            raise ValueError("a person has a display name, and a FHIR resource such as Practitioner/7")
        organisation_code(self.organisation)


class PeopleRegistry:
    """The file. A changed one is read again, so that `tandem user` needs no restart."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / PEOPLE_FILE
        self._stamp: tuple[int, int] | None = None
        self._people: dict[str, SigningIn] = {}

    def everyone(self) -> list[SigningIn]:
        """All of them, by display name. Raises ValueError when the file is not such a list."""
        self._read()
        return sorted(self._people.values(), key=lambda person: person.display)

    def find(self, name: str) -> SigningIn | None:
        """The person who signs in with this name."""
        self._read()
        return self._people.get(name)

    def put(self, person: SigningIn) -> None:
        """Add the person, or change what is kept of them."""
        self._read()
        self._write({**self._people, person.name: person})

    def remove(self, name: str) -> bool:
        """Whether the person was there; they sign in no more, though a session lasts until it ends."""
        self._read()
        left = {each: person for each, person in self._people.items() if each != name}
        self._write(left)
        return len(left) < len(self._people)

    def _read(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._people = None, {}
            return
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._people, self._stamp = _read(json.loads(self._path.read_bytes())), stamp

    def _write(self, people: dict[str, SigningIn]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{PEOPLE_FILE}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump([asdict(person) for person in people.values()], file, indent=2)
        draft.replace(self._path)


def _read(document: Any) -> dict[str, SigningIn]:
    try:
        people = [SigningIn(**entry) for entry in document]
    except TypeError:
        raise ValueError(f"{PEOPLE_FILE} is a list of people as `tandem user` writes it") from None
    return {person.name: person for person in people}
