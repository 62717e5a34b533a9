"""What FastAPI would send by itself, when its environment asks for it, holds addresses and messages of exceptions."""

from __future__ import annotations

from typing import Final

from fastapi.telemetry import TelemetryConfig

SILENT: Final[TelemetryConfig] = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip
