"""What nobody handles is written like all else: without the message of the exception, which may quote a patient."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEFORE = """
import threading
from tandem.telemetry.logging_setup import set_up_logging
set_up_logging("mdt-service", "INFO", "{form}")
def fails():
    raise ValueError("999 000 1234")
class Dropped:
    def __del__(self):
        fails()
"""


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fails()", "the process ends"),
        ("Dropped()", "an exception had nobody to go to"),
        ("thread = threading.Thread(target=fails); thread.start(); thread.join()", "a thread ended"),
    ],
)
def test_what_nobody_handles_tells_no_message(form: str, code: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE.format(form=form) + code], capture_output=True, text=True, check=False
    )
    assert said in done.stderr
    assert "ValueError" in done.stderr
    assert "999" not in done.stderr
