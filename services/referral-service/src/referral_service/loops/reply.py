"""What a performer answers: the texts of Task.output, else the newest note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reply_of(task: Mapping[str, Any]) -> str | None:
    """The reply in words; None when the Task holds none."""
    texts = [str(each["valueString"]) for each in task.get("output") or () if each.get("valueString")]
    texts += [
        str(each["valueReference"]["display"]) for each in task.get("output") or ()
        if (each.get("valueReference") or {}).get("display")
    ]  # fmt: skip
    if not texts and task.get("status") == "completed":
        texts = [str(each["text"]) for each in (task.get("note") or ())[-1:] if each.get("text")]
    return "\n".join(texts) or None
