"""What a service adds to its declaration to keep a directory; `tables.declare` goes with it."""

from __future__ import annotations

from tandem.directory.handlers import KINDS, keep_entry
from tandem.service import Listener
from tandem.service_part import Part

DIRECTORY = Part(listeners=(Listener("keep-directory", KINDS, keep_entry),))
