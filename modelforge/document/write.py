"""Plain values become YAML that this package, any YAML 1.2 reader and YAML 1.1's read alike."""

from __future__ import annotations

import re
from typing import Any

import yaml

from modelforge.document.nodes import Plain

_NUMBER_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+")
_SHORT = 88  # a list or mapping of scalars up to this width stands on one line


class _Dumper(yaml.SafeDumper):
    """PyYAML's dumper, which quotes by YAML 1.1's rules, quoting by 1.2's as well."""

    def ignore_aliases(self, data: Any) -> bool:
        """Equal values are written out each time: an anchor would say more than was meant."""
        return True


def to_yaml(value: Plain) -> str:
    """The value as YAML text, ending in a newline; keys keep their order."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


class _LineDumper(_Dumper):
    """The same, with lists of any length where they stand."""


def to_line(value: Plain) -> str:
    """The value as YAML on a single line."""
    text = yaml.dump(
        value,
        Dumper=_LineDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=True,
        width=float("inf"),
    )
    return str(text).removesuffix("...\n").strip()


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    # `1e-3` is text to YAML 1.1, so PyYAML would not quote it; to YAML 1.2 it is a number.
    style = "'" if _NUMBER_1_2.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _float(dumper: _Dumper, number: float) -> yaml.Node:
    # repr gives `1e-05`, which YAML 1.1 takes for text: `1.0e-05` is a number to both.
    text = repr(number)
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


def _flow(dumper: _Dumper, items: Any) -> yaml.Node:
    plain = all(not isinstance(item, list | dict) for item in items)
    return dumper.represent_sequence(
        "tag:yaml.org,2002:seq", items, flow_style=plain and len(str(items)) <= _SHORT
    )


for _dumper in (_Dumper, _LineDumper):
    _dumper.add_representer(str, _text)
    _dumper.add_representer(float, _float)
_Dumper.add_representer(list, _flow)
_Dumper.add_representer(tuple, _flow)
for _type in (list, tuple):
    _LineDumper.add_representer(_type, yaml.SafeDumper.represent_list)
