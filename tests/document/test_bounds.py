"""What a hostile or broken file does: a finding with a place, soon, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelforge.document import parse, plain, read_document, resolve_plain
from modelforge.document.limits import MAX_ALIASED, MAX_BYTES
from modelforge.findings import Finding, Findings, Source
from modelforge.findings.text import render


def trouble(text: str) -> Finding:
    """The first error of a text."""
    findings = Findings()
    parse(Source("s", text), findings)
    assert findings.errors
    return findings.errors[0]


@pytest.mark.parametrize("opener", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
def test_deep_nesting(opener: str, depth: int) -> None:
    found = trouble("a: " * (opener in "[{a: ") + opener * depth)
    assert found.rule in ("too-deep", "file-too-large", "key-not-text")
    assert found.span is not None


def test_64_levels_are_allowed() -> None:
    findings = Findings()
    assert parse(Source("s", "a: " + "[" * 63 + "]" * 63), findings) is not None
    assert not findings.items
    assert trouble("a: " + "[" * 64 + "]" * 64).rule == "too-deep"


@pytest.mark.parametrize("levels", range(5, 13))
def test_alias_bombs(levels: int) -> None:
    text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in range(1, levels):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
    assert trouble(text).rule == "too-many-aliases"


@pytest.mark.parametrize("levels", range(6, 13))
def test_merge_bombs(levels: int) -> None:
    text = "a0: &a0 {k: [1, 1, 1, 1, 1, 1, 1, 1, 1]}\n"
    for level in range(1, levels):
        keys = ", ".join(f"k{n}: *a{level - 1}" for n in range(9))
        text += f"a{level}: &a{level} {{<<: *a{level - 1}, {keys}}}\n"
    assert trouble(text).rule == "too-many-aliases"


def test_aliases_count_towards_depth() -> None:
    text = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 80))
    assert trouble(text).rule == "too-deep"


def test_as_many_aliased_values_as_are_allowed() -> None:
    findings = Findings()
    text = "a: &a 1\nb: [" + ", ".join(["*a"] * MAX_ALIASED) + "]\n"
    assert parse(Source("s", text), findings) is not None and not findings.items


@pytest.mark.parametrize(
    "text", ["&a [*a]", "&a {b: *a}", "&a [[[*a]]]", "&a {b: &c [*a, *c]}", "{x: &a {<<: *a}}"]
)
def test_recursive_anchors(text: str) -> None:
    found = trouble(f"r: {text}\n")
    assert found.rule == "recursive-anchor" and found.span is not None


def test_large_files(tmp_path: Path) -> None:
    large, sparse = tmp_path / "large.yaml", tmp_path / "sparse.yaml"
    large.write_text("a: 1\n" * (MAX_BYTES // 5 + 1))
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    for path in (large, sparse):
        findings = Findings()
        assert read_document(str(path), findings) is None
        assert [f.rule for f in findings] == ["file-too-large"]
    assert trouble("a: " + "x" * MAX_BYTES).rule == "file-too-large"


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe.yaml", tmp_path / "specs"
    os.mkfifo(pipe)
    folder.mkdir()
    (folder / "digits.yaml").write_text("a: 1\n")
    texts = {}
    for path in (pipe, folder, "/dev/null", folder / "digist.yaml", "a\0b", folder / "x" / "y"):
        findings = Findings()
        assert read_document(str(path), findings) is None
        texts[path] = render(findings).replace(str(tmp_path), "T")
    assert texts[pipe].startswith("error[not-a-file]: `T/pipe.yaml` is a named pipe, not a file")
    assert texts[folder] == (
        "error[not-a-file]: `T/specs` is a directory, not a file\n"
        "  note: specs in it: digits.yaml\n"
    )
    assert texts["/dev/null"].startswith("error[not-a-file]: `/dev/null` is a device")
    assert texts[folder / "digist.yaml"] == (
        "error[no-such-file]: there is no file `T/specs/digist.yaml`\n"
        "  did you mean `digits.yaml`?\n"
    )
    assert "error[cannot-read]" in texts["a\0b"]
    assert "error[no-such-file]" in texts[folder / "x" / "y"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    findings = Findings()
    assert read_document(str(path), findings) is None
    assert "permission" in render(findings)


def _survives(text: str) -> None:
    findings = Findings()
    root = parse(Source("s", text), findings)
    assert root is not None or findings.errors
    for finding in findings:
        span = finding.span
        assert span is not None
        assert 1 <= span.line <= len(span.source.lines) + 1 and span.column >= 1
        assert (span.end_line, span.end_column) >= (span.line, span.column)
    assert "\x1b" not in render(findings)


@given(st.text())
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    _survives(text)


YAMLISH = st.lists(
    st.sampled_from(
        ["a", "b", ": ", ":", "- ", "[", "]", "{", "}", ", ", "\n", "\n  ", "\n    ", "'", '"',
         "#", " # c", "&x ", "*x", "!", "!!int ", "<<: ", "|", ">", "%", "@", "`", "? ", "\t",
         "---", "...", "1", ".inf", "\\", "${", "é", "\u2028", "\x85", "\0", "\ud800", "~"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(max_examples=1_000)
@given(YAMLISH)
def test_anything_like_yaml_is_read_or_refused_with_a_place(text: str) -> None:
    _survives(text)


@given(YAMLISH)
def test_the_pure_parser_survives_as_well(text: str) -> None:
    from modelforge.document import compose

    fast = compose._Loader
    compose._Loader = yaml.SafeLoader
    try:
        _survives(text)
    finally:
        compose._Loader = fast


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(content)
    findings = Findings()
    root = read_document(str(path), findings)
    assert root is not None or findings.errors
    assert all(finding.span is not None for finding in findings)


# PyYAML writes a text like `0E0` without quotes: for YAML 1.1 it is no number.
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126)).filter(
    lambda text: (
        isinstance(yaml.safe_load(yaml.safe_dump(text)), str)
        and (yaml.safe_dump(text)[:1] in "'\"" or isinstance(resolve_plain(text), str))
    )
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text("abcdefgh_", min_size=1), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text("xyz", min_size=1), JSON), st.booleans())
def test_agrees_with_yaml_on_json_like_data(data: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow)
    findings = Findings()
    root = parse(Source("s", text), findings)
    assert root is not None and not findings.items, (text, list(findings))
    assert plain(root) == yaml.safe_load(text) == data
