"""YAML that ships with a service or is loaded by its operators: plain values alone, no tags that construct anything.

libyaml, where the build has it, reads the same some ten times as fast, and much is read at every start. What it writes
reads the same too, and may be laid out differently.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_DUMPER: Final = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper


def load_yaml(text: str) -> Any:
    """The value of the one document in `text`. Raises yaml.YAMLError."""
    loader = _LOADER(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def dump_flow(value: Any) -> str:
    """The value in flow style, mappings in the order they have."""
    written: str = yaml.dump(value, Dumper=_DUMPER, sort_keys=False, default_flow_style=True)
    return written
