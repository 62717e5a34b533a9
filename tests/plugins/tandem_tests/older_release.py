"""The code of an older release of this repository, to be run beside that of today."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

from tandem_tests.documents import ROOT
from tandem_tests.loud_skips import skip_loudly

OLDER = "c7e0da24"
"""The commit with which the runbook began: before pruning and erasure, one schema of cohort-service back."""


class OlderRelease:
    """Its code in a folder; what it needs of others is what is installed here."""

    def __init__(self, folder: Path) -> None:
        sources = [folder / "shared" / "src", *sorted(folder.glob("services/*/src"))]
        self.path = os.pathsep.join(map(str, sources))
        """For PYTHONPATH, which goes before what is installed."""

    def run(self, *arguments: str, **environment: str) -> str:
        """One command of its `tandem`; answers what it printed."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        command = [str(Path(sys.executable).with_name("tandem")), *arguments]
        done = subprocess.run(
            command, env={**inherited, **environment, "PYTHONPATH": self.path}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def older_release(folder: Path) -> OlderRelease:
    """Take it from the history of the repository, or skip loudly where that has been cut off."""
    archive = subprocess.run(["git", "archive", "--format=tar", OLDER], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        skip_loudly("an older release beside this one", f"commit {OLDER} is not in this clone")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return OlderRelease(folder)
