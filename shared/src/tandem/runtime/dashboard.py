"""`/dashboard`: plain for now. It holds no figures, because people cannot sign in yet; it says how to get them."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tandem dashboard</title>
<meta name="viewport" content="width=device-width"><style>
body{{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:50rem;padding:0 1rem;color:#212b32}}
code,pre{{background:#f0f4f5;padding:.2rem}}pre{{padding:1rem;overflow:auto}}</style></head><body><main>
<h1>Network dashboard</h1>
<p>People cannot sign in to this page yet, so it shows no figures. The figures are served already, to organisations with
a token: a practice sees its own, a network those of its practices.</p>
<pre>curl -H "Authorization: Bearer $TOKEN" \\
  '{base}/Measure/shared-care-activity/$evaluate-measure?periodStart=2020-07-01&amp;periodEnd=2020-07-31'</pre>
<p><a href="/docs">All types and operations</a></p></main></body></html>"""


def dashboard_page(base: str) -> str:
    """The page; `base` is the FHIR base URL."""
    return _PAGE.format(base=escape(base))
