"""What stops a backup or a restore, in words for whoever ran the command. No word of what the records say."""

from __future__ import annotations


class Refused(Exception):
    """The command does not go on; what was there before is as it was unless the text says otherwise."""
