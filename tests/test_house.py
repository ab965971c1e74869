"""The house rules: rooms import only rooms above them, and one line holds TensorFlow back."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import modelforge

HOUSE = Path(modelforge.__file__).parent

# From the ground floor up; a room may import the rooms before it and itself.
ABOVE_THE_LINE = (
    "version",
    "findings",
    "sniff",
    "document",
    "resolve",
    "catalog",
    "expand",
    "schema",
    "spec",
    "runs",
    "workers",
    "modelfile",
    "graph",
    "starter",
    "lint",
    "report",
)
BELOW_THE_LINE = (
    "introspect",
    "layers",
    "loading",
    "data",
    "build",
    "train",
    "evaluate",
    "export",
    "translate",
    "tune",
    "serve",
)
ROOMS = (*ABOVE_THE_LINE, *BELOW_THE_LINE, "cli", "__main__")
HEAVY = {"tensorflow", "keras", "numpy", "h5py"}
FILES = sorted(HOUSE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, and whether it does so when it is itself imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    deferred = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a name comes from"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] or [module]
        for name in names:
            yield name, id(node) in deferred


def test_every_room_has_its_place() -> None:
    rooms = {room_of(path) for path in FILES} - {"__init__"}
    assert rooms == set(ROOMS), "a room is missing from the list, or the list names one too many"


def test_no_two_test_files_would_be_one_module() -> None:
    modules: dict[str, Path] = {}
    for path in Path(__file__).parent.rglob("test_*.py"):
        if (path.parent / "__init__.py").exists():
            continue
        other = modules.setdefault(path.name, path)
        assert other is path, f"pytest takes {other} for {path}: rename one"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_rooms_import_only_rooms_above_them(path: Path) -> None:
    room = room_of(path)
    allowed = ROOMS if room == "__init__" else ROOMS[: ROOMS.index(room) + 1]
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "modelforge" and len(parts) > 1:
            assert parts[1] in allowed, f"{room} must not import {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_nothing_heavy_above_the_line(path: Path) -> None:
    room = room_of(path)
    for name, deferred in imports(path):
        if name.split(".")[0] in HEAVY:
            assert room in BELOW_THE_LINE or (room == "cli" and deferred), (
                f"{room} imports {name} above the TensorFlow line"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_file_opens_with_a_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "the file does not say what it is for"
    assert docstring.splitlines()[0].rstrip().endswith((".", "?", "...")) or "\n" in docstring


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_files_and_functions_keep_to_the_norms(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "a file has at most 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 50, f"{node.name} has {length} lines"
            arguments = len(node.args.args) + len(node.args.kwonlyargs)
            bound = bool(node.args.args) and node.args.args[0].arg in ("self", "cls")
            assert arguments - bound <= 7, f"{node.name} has {arguments - bound} arguments"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_keras_src_is_touched_in_one_place_only(path: Path) -> None:
    if path.relative_to(HOUSE).as_posix() != "introspect/private.py":
        assert not [name for name, _ in imports(path) if name.startswith("keras.src")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["validate", "specs/digits.yaml"],
        ["validate", "--help"],
        ["train", "--help"],
        ["show", "--resolved", "specs/iris-mlp.yaml"],
        ["validate", "specs/digits-wide.yaml"],
        ["show", "specs/digits-wide.yaml", "--origin", "train.epochs"],
        ["diff", "specs/digits-wide.yaml", "specs/digits-wide.yaml"],
        ["schema"],
        ["explain", "Conv2D"],
        ["runs"],
        ["new", "--list"],
    ],
    ids=" ".join,
)
def test_these_commands_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from modelforge.cli.main import run\n"
        f"code = run({arguments!r})\n"
        f"heavy = sorted(sys.modules.keys() & {HEAVY!r})\n"
        "print('HEAVY', code, heavy, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=HOUSE.parent,
        timeout=60,
    )
    assert done.stderr.splitlines()[-1] == "HEAVY 0 []", done.stderr
