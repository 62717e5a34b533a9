"""Take NHS.UK frontend's stylesheet into the package: `python tools/vendor_nhsuk_frontend.py nhsuk-frontend-X.tgz`.

The archive is what `npm pack nhsuk-frontend` gives. The fonts are left out: they stand on a host of their own, and no
page of ours asks another host for anything. The stylesheet falls back to Arial by itself. Its icons are put into it.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tarfile
from pathlib import Path

TARGET = Path(__file__).parents[1] / "shared/src/tandem/pages/nhsuk_frontend"
_FONT = re.compile(r"@font-face\{[^}]*\}")
_ICON = re.compile(r"url\(/assets/(images/[a-z-]+\.svg)\)")
_ADDRESS = re.compile(r"""url\(\s*["']?(?!data:)[^"'\s]""")


def vendored(archive: tarfile.TarFile) -> tuple[str, str]:
    """Version and stylesheet. Raises ValueError when the stylesheet still asks for something elsewhere."""
    version = str(json.loads(_read(archive, "package/package.json"))["version"])
    style = _read(archive, f"package/dist/nhsuk/nhsuk-frontend-{version}.min.css").decode()
    style = _ICON.sub(lambda icon: _inside(archive, icon[1]), _FONT.sub("", style))
    style = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", style).strip() + "\n"
    if _ADDRESS.search(style):
        raise ValueError("the stylesheet asks for files that are not in it")
    return version, style


def _inside(archive: tarfile.TarFile, name: str) -> str:
    content = base64.b64encode(_read(archive, f"package/dist/nhsuk/assets/{name}")).decode()
    return f"url(data:image/svg+xml;base64,{content})"


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    assert member is not None, "it is a file"
    return member.read()


def main() -> None:
    """Write the stylesheet and the version beside it."""
    with tarfile.open(sys.argv[1]) as archive:
        version, style = vendored(archive)
    TARGET.mkdir(exist_ok=True)
    (TARGET / "nhsuk-frontend.css").write_text(style)
    (TARGET / "VERSION.txt").write_text(f"{version}\n")


if __name__ == "__main__":
    main()
