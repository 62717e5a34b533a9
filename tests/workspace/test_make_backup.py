"""`make backup` makes the passphrase once: another in its place would leave the backups of before closed for ever."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def make_backup(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TANDEM_", "MAKE"))}
    command = ["make", "COMPOSE=true", "NAME=one", "backup"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("written", ["./secret/words", '"./secret/words"', "'./secret/words'"])
def test_the_passphrase_is_made_once(tmp_path: Path, written: str) -> None:
    shutil.copy(MAKEFILE, tmp_path)
    (tmp_path / "secret").mkdir()
    (tmp_path / ".env").write_text(f"TANDEM_BACKUP_PASSPHRASE={written}\nTANDEM_BACKUPS='./copies'\n")
    make_backup(tmp_path)
    passphrase = tmp_path / "secret" / "words"
    first = passphrase.read_text()
    assert len(first) > 16
    assert passphrase.stat().st_mode & 0o777 == 0o600
    make_backup(tmp_path)
    assert passphrase.read_text() == first
    assert (tmp_path / "copies").is_dir()
