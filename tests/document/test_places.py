"""Every key and value knows where it stands."""

from __future__ import annotations

import pytest

from modelforge.document import Mapping, Scalar, at, key_span, parse, parse_value, plain
from modelforge.findings import Findings, Source, Span


def read(text: str) -> Mapping:
    findings = Findings()
    root = parse(Source("s", text), findings)
    assert root is not None and not findings.items, list(findings)
    return root


def numbers(span: Span) -> tuple[int, int, int, int]:
    return tuple(span[1:5])  # type: ignore[return-value]


def shown(span: Span) -> str:
    """The text that a span covers, when it lies on one line."""
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_and_columns(break_: str, mark: str) -> None:
    root = read(mark + break_.join(["größe: {'é😀': wert}", "b:", "  - x"]))
    assert numbers(root.entries["größe"].key_span) == (1, 1, 1, 6)
    inner = root.get("größe")
    assert isinstance(inner, Mapping)
    assert numbers(inner.span) == (1, 8, 1, 20)
    assert numbers(inner.entries["é😀"].key_span) == (1, 9, 1, 13)
    assert numbers(inner.entries["é😀"].value.span) == (1, 15, 1, 19)
    item = at(root, ("b", 0))
    assert item is not None and numbers(item.span) == (3, 5, 3, 6)
    assert shown(item.span) == "x"


def test_a_comment_is_not_part_of_a_value() -> None:
    root = read("a: some text   # why\n")
    assert shown(root.entries["a"].value.span) == "some text"


def test_a_missing_value_stands_behind_its_colon() -> None:
    root = read("a:\nb: 1\n")
    assert numbers(root.entries["a"].value.span) == (1, 3, 1, 3)


def test_an_alias_stands_where_it_is_written() -> None:
    root = read("a: &x 5\nb: *x\nc: &m {k: 1}\nd: *m\n")
    scalar = root.get("b")
    assert isinstance(scalar, Scalar) and scalar.value == 5
    assert numbers(scalar.span) == (2, 4, 2, 6)
    assert scalar.origin is not None and shown(scalar.origin) == "5"
    mapping = root.get("d")
    assert mapping is not None and numbers(mapping.span) == (4, 4, 4, 6)
    assert numbers(key_span(root, ("d", "k"))) == (3, 8, 3, 9)


def test_merge_keys_own_keys_win_then_the_first() -> None:
    root = read("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 9}\n")
    assert plain(root) == {
        "a": {"x": 1, "y": 1},
        "b": {"y": 2, "z": 2},
        "c": {"x": 9, "y": 1, "z": 2},
    }


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert plain(read("a: {'<<': 1}\n")) == {"a": {"<<": 1}}


def test_keys_are_text() -> None:
    assert list(read("1: a\ntrue: b\n~: c\n'x y': d\n").entries) == ["1", "true", "~", "x y"]


def test_a_value_in_the_middle_of_a_text() -> None:
    findings = Findings()
    source = Source("--set", "a.b={x: [1, é]}")
    node = parse_value(source, 4, findings)
    assert node is not None and plain(node) == {"x": [1, "é"]}
    item = at(node, ("x", 1))
    assert item is not None and shown(item.span) == "é"
    nothing = parse_value(Source("--set", "a="), 2, findings)
    assert isinstance(nothing, Scalar) and nothing.value is None and not findings.items


def test_the_pure_parser_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    from modelforge.document import compose

    text = "größe: &x {a: [1, 'b'], c: \"d\"} # e\nf: *x\ng:\n  - |\n    h\n  - i\n"
    fast = read(text)
    monkeypatch.setattr(compose, "_Loader", yaml.SafeLoader)
    pure = read(text)
    assert plain(fast) == plain(pure)
    assert numbers(key_span(fast, ("größe", "a"))) == numbers(key_span(pure, ("größe", "a")))
    assert numbers(fast.entries["f"].value.span) == numbers(pure.entries["f"].value.span)
