"""What must hold of a generated spec: from its text to the model that Keras makes of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import unified_diff
from pathlib import Path
from typing import Any
from unittest.mock import patch

import keras

from modelforge.build.compile import compile_model
from modelforge.build.from_spec import model_of
from modelforge.build.objects import make
from modelforge.build.plugins import run_plugins
from modelforge.catalog import load_catalog
from modelforge.catalog.naming import MAIN
from modelforge.document.write import to_yaml
from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import Graph, Loaded, Node, load
from modelforge.graph.dtypes import infer_dtypes, precision_of
from modelforge.graph.plugins import TRUSTED
from modelforge.graph.shapes import Known, infer
from modelforge.spec import Deferred, Object
from modelforge.spec.resolved import Resolved
from modelforge.train.prepare import prepare
from tests.generator.pieces import Meant
from tests.generator.spec import Made


def prove(made: Made, folder: Path) -> Counter[str]:
    """Raises AssertionError where something does not hold; counts nodes by what is known."""
    loaded = read(made, folder)
    resolved = resolved_text(loaded)
    assert_meant(loaded.graph, made.meant)
    # With an override, the names that layers get are written out.
    set_too = ("name=generated",) if made.overrides else ()
    whole = resolved_text(accepted(folder / "whole.yaml", set_too))
    assert resolved == whole, f"files and one file differ:\n{difference(resolved, whole)}"
    model, graph = built(loaded)
    known = static(loaded, graph, model)
    counts = assert_static(graph, model, known)
    config, size = configuration(model.get_config()), model.count_params()
    if loaded.spec.train and loaded.spec.data:
        prepare(loaded, Findings())
    elif loaded.spec.train:
        trained(model, loaded)
    (folder / "resolved.yaml").write_text(resolved, encoding="utf-8")
    again = accepted(folder / "resolved.yaml")
    assert resolved_text(again) == resolved, "the resolved spec resolves to another one"
    second, _ = built(again)
    assert configuration(second.get_config()) == config, "the resolved spec builds another model"
    assert second.count_params() == size
    return counts


@contextmanager
def surrounded(made: Made) -> Iterator[None]:
    """With the environment that the spec reads, and its plugin trusted."""
    token = TRUSTED.set(run_plugins)
    try:
        with patch.dict(os.environ, made.environment):
            yield
    finally:
        TRUSTED.reset(token)


def read(made: Made, folder: Path) -> Loaded:
    """The spec in its files, with all that lies beside them."""
    for name, what in made.beside.items():
        if callable(what):
            what(folder)
        else:
            (folder / name).write_bytes(what)
    for name, text in made.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "whole.yaml").write_text(made.whole, encoding="utf-8")
    return accepted(folder / "spec.yaml", made.overrides)


def accepted(path: Path, overrides: Sequence[str] = ()) -> Loaded:
    """The spec, which must have no errors."""
    findings = Findings()
    loaded = load(str(path), overrides, findings)
    assert loaded is not None and not findings.errors, render(findings)
    return loaded


def resolved_text(loaded: Loaded) -> str:
    """What `show --resolved` prints."""
    return to_yaml(Resolved(loaded.catalog).spec(loaded.spec))


def difference(first: str, second: str) -> str:
    """The lines that only one of two texts has."""
    return "\n".join(unified_diff(first.splitlines(), second.splitlines(), n=0, lineterm=""))


def built(loaded: Loaded) -> tuple[keras.Model, Graph]:
    """The model, with names as in a fresh process."""
    keras.backend.clear_session(free_memory=False)  # the collection takes half of the time
    keras.utils.set_random_seed(0)  # augmenting layers draw their seeds when they are made
    return model_of(loaded, Findings())


def configuration(value: Any) -> Any:
    """A configuration without what says nothing: Keras writes some defaults only if set."""
    if isinstance(value, Mapping):
        if value.keys() == {"function", "arguments"}:  # an activation with arguments
            word = load_catalog().find(value["function"], "activation")
            assert word is not None
            defaults = {argument.name: argument.default for argument in word.arguments}
            value = {**value, "arguments": {**defaults, **value["arguments"]}}
        plain = {key: configuration(item) for key, item in value.items()}
        said = {key: item for key, item in plain.items() if item is not None}
        return {key: item for key, item in said.items() if (key, item) != ("autocast", True)}
    if isinstance(value, list | tuple):
        return [configuration(item) for item in value]
    return value


def trained(model: keras.Model, loaded: Loaded) -> None:
    """The model compiles, and its callbacks can be made."""
    train = loaded.spec.train
    assert train is not None
    compile_model(model, train, loaded.graph.outputs)
    for callback in train.callbacks:
        make(callback)


def assert_meant(graph: Graph, meant: Meant) -> None:
    """The graph has the layers that the generator had in mind, in its order."""
    found = [_told(node) for node in graph.nodes]
    wanted = [_wanted(item) for item in meant]
    assert found == wanted, f"\n{found}\nis not\n{wanted}"


def _told(node: Node) -> Any:
    if node.shares:
        return ("use", node.shares.rsplit(".", 1)[-1])
    if node.model is not None:
        return ("model", [_told(inner) for inner in node.model.nodes])
    if node.saved is not None:
        saved = node.saved
        return ("load", [Path(saved.path).name, ".".join(saved.until), saved.trainable])
    return (node.object.name, _arguments(node.object.arguments))


def _wanted(item: tuple[str, Any]) -> Any:
    word, arguments = item
    if word == "model":
        return (word, [_wanted(inner) for inner in arguments])
    return item


def _arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in arguments.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Object):
        return [value.name, value.kind, _arguments(value.arguments)]
    if isinstance(value, Deferred):
        return value.expression
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return value


def static(loaded: Loaded, graph: Graph, model: keras.Model) -> dict[str, Known]:
    """What is known without Keras, given the shapes and dtypes that the data has."""
    findings = Findings()
    known = infer(graph, {t.name: tuple(t.shape[1:]) for t in model.inputs}, findings)
    precision = precision_of(loaded.spec)
    assert precision is not None
    given = {t.name: keras.backend.standardize_dtype(t.dtype) for t in model.inputs}
    if graph.inputs is None:
        given = {MAIN: next(iter(given.values()))}
    known = infer_dtypes(graph, known, given, precision, findings)
    assert not len(findings), render(findings)
    return known


def assert_static(graph: Graph, model: keras.Model, known: Mapping[str, Known]) -> Counter[str]:
    """Nothing that is known of a node differs from what Keras says; counts what is unknown."""
    counts: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    unknown = set()
    named = {operation.name: operation for operation in model.operations}
    for node in graph.nodes:
        layer = named[node.layer]
        found = known[node.name]
        tensors = keras.tree.flatten(layer._inbound_nodes[_call(node, calls)].output_tensors)
        shapes = tuple(tuple(tensor.shape) for tensor in tensors)
        if found.shapes is None:
            unknown.add(node.name)
            counts[f"unknown {node.object.name}"] += unknown.isdisjoint(_sources(node))
            counts["unknown"] += 1
            continue
        counts["known"] += 1
        assert found.shapes == shapes, f"{node.name}: {found.shapes}, but Keras: {shapes}"
        _assert_dtypes(node, found, tensors)
        if found.parameters is not None and not node.shares and node.object.kind != "operation":
            total = layer.count_params()
            assert found.parameters == total, f"{node.name}: {found}, but Keras: {total}"
    return counts


def _assert_dtypes(node: Node, found: Known, tensors: list[Any]) -> None:
    """Every dtype that is told is Keras's; one that Keras and the model may differ in is not."""
    said = tuple(keras.backend.standardize_dtype(tensor.dtype) for tensor in tensors)
    told = found.dtypes or (None,) * len(said)
    alike = all(one in (None, other) for one, other in zip(told, said, strict=True))
    assert alike, f"{node.name}: {told}, but Keras: {said}"


def _sources(node: Node) -> set[str]:
    groups = node.sources.values()
    return {name for g in groups for name in ([g] if isinstance(g, str) else g)}


def _call(node: Node, calls: Counter[str]) -> int:
    """Which call of its layer a node is."""
    calls[node.layer] += 1
    return calls[node.layer] - 1
