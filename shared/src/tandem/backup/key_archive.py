"""Keys in a backup: encrypted under a passphrase, or left out. Never in the clear beside what they protect.

AES-256-GCM under a key that scrypt (RFC 7914) makes of the passphrase. The file is salt, nonce, ciphertext.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tandem.backup.manifest import KeyArchive, check_file, digest, flush, read_manifest
from tandem.backup.refusal import Refused

KEYS_FILE = "keys.encrypted"
SHORTEST_PASSPHRASE = 16
_SALT, _NONCE = 16, 12
_PURPOSE = b"tandem backup keys 1"
_DATABASES = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".log")


def read_passphrase(path: Path) -> bytes:
    """The first line of a file. Raises Refused for one of fewer than 16 bytes."""
    try:
        line = path.read_bytes().split(b"\n", 1)[0].strip()
    except OSError as error:
        raise Refused(f"the passphrase in {path} cannot be read: {type(error).__name__}") from None
    if len(line) < SHORTEST_PASSPHRASE:
        raise Refused(f"the passphrase in {path} has fewer than {SHORTEST_PASSPHRASE} characters")
    return line


def key_files(folders: list[Path]) -> dict[str, bytes]:
    """The files of these folders by `folder/name`, databases and logs left out. Raises Refused for one that is missing,
    and for two folders of one name."""
    found: dict[str, bytes] = {}
    for folder in folders:
        if not folder.is_dir():
            raise Refused(f"there is no folder {folder} with keys")
        for path in sorted(folder.iterdir()):
            name = f"{folder.resolve().name}/{path.name}"
            if not path.is_file() or path.name.endswith(_DATABASES):
                continue
            if name in found:
                raise Refused(f"two folders with keys are both called {folder.name}")
            try:
                found[name] = path.read_bytes()
            except OSError as error:
                raise Refused(f"the key {path} cannot be read: {type(error).__name__}") from None
    if not found:
        raise Refused("the folders with keys are empty")
    return found


def seal_keys(directory: Path, files: Mapping[str, bytes], passphrase: bytes) -> KeyArchive:
    """Write the keys, encrypted, into a backup."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    plain = msgspec.msgpack.encode(dict(files))
    path = directory / KEYS_FILE
    path.touch(mode=0o600)
    path.write_bytes(salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, _PURPOSE))
    flush(path)
    return KeyArchive(KEYS_FILE, digest(path), sorted(files))


def unseal_keys(directory: Path, archive: KeyArchive, passphrase: bytes) -> dict[str, bytes]:
    """The keys of a backup. Raises Refused for another passphrase or a damaged file."""
    content = check_file(directory, archive.file, archive.sha256).read_bytes()
    salt, nonce, sealed = content[:_SALT], content[_SALT : _SALT + _NONCE], content[_SALT + _NONCE :]
    try:
        plain = AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, _PURPOSE)
    except InvalidTag:
        raise Refused("the keys cannot be opened with this passphrase") from None
    return msgspec.msgpack.decode(plain, type=dict[str, bytes])


def archived_keys(directory: Path, passphrase_file: Path) -> dict[str, bytes]:
    """The keys of a backup by `folder/name`. Raises Refused when it has none, or they cannot be opened."""
    archive = read_manifest(directory).keys
    if archive is None:
        raise Refused("keys were left out of this backup")
    return unseal_keys(directory, archive, read_passphrase(passphrase_file))


def check_places(files: Mapping[str, bytes], target: Path) -> None:
    """Raises Refused when a key is there already, or cannot be written where it belongs."""
    for path in _places(files, target):
        if path.exists():
            raise Refused(f"{path} is there already")
        folder = next(each for each in path.parents if each.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise Refused(f"{path} cannot be written: {folder} is closed")


def write_keys(files: Mapping[str, bytes], target: Path) -> None:
    """Put the keys into `target/folder/name`, readable by their owner alone. Raises Refused when one is there already,
    and then writes none."""
    check_places(files, target)
    for path, content in _places(files, target).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _places(files: Mapping[str, bytes], target: Path) -> dict[Path, bytes]:
    return {target.joinpath(*name.split("/")): content for name, content in files.items()}


def _key(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase)
