"""HTTP clients of tests, which speak plain HTTP to this machine.

httpx reads the bundle of certificate authorities for each client it makes, also for one that meets no TLS: some 50 ms
of processor time, which a test pays again and again. Here all clients share a context that was made once and trusts
nobody.
"""

from __future__ import annotations

import ssl
from typing import Any

import httpx

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def http_client(**options: Any) -> httpx.AsyncClient:
    """An HTTP client; `options` are those of httpx. It waits two minutes for an answer unless they say otherwise."""
    return httpx.AsyncClient(**{"timeout": 120, "verify": _TRUSTS_NOBODY, **options})


def blocking_http_client(**options: Any) -> httpx.Client:
    """The same for code that is not asynchronous."""
    return httpx.Client(**{"timeout": 120, "verify": _TRUSTS_NOBODY, **options})
