"""One violation of the schema, and the words in which its place and its value are spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from modelforge.document import Mapping as MappingNode
from modelforge.document import Path, Scalar, at, key_span, plain
from modelforge.findings import Span

if TYPE_CHECKING:
    from jsonschema import ValidationError

_YAML_1_1 = {"yes": "true", "on": "true", "no": "false", "off": "false", "y": "true", "n": "false"}


@dataclass(frozen=True)
class Violation:
    """keyword: of the schema (`minimum`); bound: its value there; instance: what broke it."""

    root: MappingNode
    path: Path
    keyword: str
    schema: Mapping[str, Any]
    bound: Any
    instance: Any
    message: str

    @classmethod
    def of(cls, error: ValidationError, root: MappingNode) -> Violation:
        """The violation that jsonschema reports."""
        return cls(
            root,
            tuple(error.absolute_path),
            str(error.validator),
            cast(Mapping[str, Any], error.schema),
            error.validator_value,
            error.instance,
            error.message,
        )

    @property
    def node(self) -> Any:
        """The node that broke the schema, None where it is missing."""
        return at(self.root, self.path)

    @property
    def expected(self) -> str:
        """What the schema wants there, with an article."""
        return str(self.schema.get("x-expected", "something else"))

    @property
    def key_span(self) -> Span:
        """The key of the value, or the value itself where it has none."""
        return key_span(self.root, self.path)

    @property
    def span(self) -> Span:
        """The place to blame: a scalar or list itself, but the key of a whole mapping."""
        node = self.node
        if node is None or (isinstance(node, MappingNode) and self.path):
            return self.key_span
        return cast(Span, node.span)

    @property
    def what(self) -> str:
        """`filters` of `Conv2D`; item 3 of `layers`; `epochs`."""
        if "x-first" in self.schema:  # `Dropout: 1.5` speaks of its first argument
            return f"`{self.schema['x-first']}` of `{self.schema['x-word'][1]}`"
        return spoken(self.path)

    @property
    def found(self) -> str:
        """The value as a sentence shows it."""
        node = self.node
        if node is None:
            return "nothing"
        if isinstance(node, Scalar):
            return shown(node.value)
        return "a mapping" if isinstance(node, MappingNode) else f"the list {cut(plain(node))}"

    @property
    def mend(self) -> str:
        """What to write instead, where the value is a well-known slip."""
        node = self.node
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return ""
        text = node.value
        if self.expected.startswith("a list of metrics"):
            return f"write `[{text}]`"
        if text.lower() in _YAML_1_1:
            return f"YAML 1.2 writes `{_YAML_1_1[text.lower()]}`"
        if re.fullmatch(r"[-+]?[0-9]+(_[0-9]+)+", text):
            return f"write `{text.replace('_', '')}`"
        if node.quoted and re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?|true|false|null", text):
            return "leave out the quotes"
        return ""


def spoken(path: Path) -> str:
    """A path as a sentence speaks of it."""
    if not path:
        return "the spec"
    last = path[-1]
    if isinstance(last, int):
        return f"item {last + 1} of {spoken(path[:-1])}"
    if len(path) >= 2 and isinstance(path[-2], str):
        return f"`{last}` of `{path[-2]}`"
    return f"`{last}`"


def shown(value: object) -> str:
    """A scalar as a sentence shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"the text `{cut(value)}`" if isinstance(value, str) else f"{value}"


def cut(value: object, most: int = 60) -> str:
    """A value's text, cut where it is long: a message must stay a message."""
    text = str(value)
    return text if len(text) <= most else text[: most - 3] + "..."


def joined(names: Iterable[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f" and {quoted[-1]}"
