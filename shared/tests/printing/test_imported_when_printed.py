"""What PDFs are made with is not imported by the start of a process, which all of them would pay for."""

from __future__ import annotations

import subprocess
import sys

_ASKED = """
import sys
import tandem.runtime.embedded, tandem.runtime.process
from tandem.runtime.services import declared_services
declared_services()
print(sorted({"fpdf", "fontTools", "PIL"} & set(sys.modules)))
from tandem.printing.fonts import unprintable
unprintable("a")
print(sorted({"fpdf"} & set(sys.modules)))
"""


def test_a_start_imports_nothing_that_makes_pdfs() -> None:
    told = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["[]", "['fpdf']"]
