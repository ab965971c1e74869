"""Plugins become words, with what signatures, annotations and docstrings tell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from modelforge.build import build_model
from modelforge.build.plugins import run_plugins
from modelforge.catalog import Argument, Catalog, Word
from modelforge.findings import Findings, Refused
from modelforge.graph import Loaded, load
from modelforge.graph.plugins import TRUSTED, read_plugin
from modelforge.introspect import docstrings

HEAD = """
import dataclasses
from typing import *
from collections.abc import Callable, Sequence
import keras
registered = keras.saving.register_keras_serializable("tests")
"""


@pytest.fixture(autouse=True)
def trusted() -> Iterator[None]:
    token = TRUSTED.set(run_plugins)
    yield
    TRUSTED.reset(token)


def words_of(folder: Path, text: str, catalog: Catalog) -> dict[str, Word]:
    path = folder / "plugin.py"
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    findings = Findings()
    file = read_plugin(str(path), findings, "plugin.py", None)
    assert file
    words = run_plugins([file], catalog, findings)
    assert not len(findings), list(findings)
    return {f"{word.kind} {word.name}": word for word in words}


def loaded_from(folder: Path, text: str) -> tuple[Loaded, Findings]:
    spec = folder / "spec.yaml"
    spec.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(spec), (), findings)
    assert loaded, list(findings)
    return loaded, findings


def argument_of(annotation: str, folder: Path, catalog: Catalog, name: str = "it") -> Argument:
    text = f"""
    @registered
    class Probe(keras.layers.Layer):
        def __init__(self, {name}: {annotation}, **kwargs):
            super().__init__(**kwargs)
        def call(self, inputs):
            return inputs
    """
    found = words_of(folder, text, catalog)["layer Probe"].argument(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("annotation", "types"),
    [
        ("int", ("integer",)),
        ("float", ("number",)),
        ("int | float", ("number",)),
        ("bool", ("boolean",)),
        ("str | None", ("null", "string")),
        ("Optional[int]", ("integer", "null")),
        ("list[int]", ("array",)),
        ("tuple[int, int] | int", ("array", "integer")),
        ("dict[str, float]", ("object",)),
        ("Annotated[int, 'a size']", ("integer",)),
        ("Any", ()),
        ("'NoSuchType'", ()),
    ],
)
def test_annotations_tell_types(
    annotation: str, types: tuple[str, ...], tmp_path: Path, catalog: Catalog
) -> None:
    assert argument_of(annotation, tmp_path, catalog).types == types


def test_annotations_tell_choices_items_and_kinds(tmp_path: Path, catalog: Catalog) -> None:
    literal = argument_of('Literal["up", "down"]', tmp_path, catalog)
    assert (literal.types, literal.choices) == (("string",), ("up", "down"))
    assert argument_of("Sequence[float]", tmp_path, catalog).items == ("number",)
    assert argument_of("keras.layers.Layer", tmp_path, catalog).kinds == ("layer",)
    assert argument_of("keras.initializers.Initializer", tmp_path, catalog).kinds == (
        "initializer",
    )
    assert argument_of("Callable[[int], int]", tmp_path, catalog).unsayable


def test_names_tell_kinds(tmp_path: Path, catalog: Catalog) -> None:
    found = argument_of("Any", tmp_path, catalog, name="kernel_initializer")
    assert found.kinds == ("initializer",)


def test_every_kind_of_class_becomes_a_word(tmp_path: Path, catalog: Catalog) -> None:
    text = """
    @registered
    class MyAdam(keras.optimizers.Adam): pass
    @registered
    class MyDropout(keras.layers.Dropout):
        def call(self, inputs, training=False): return inputs
    @registered
    class MyWeights(keras.initializers.Initializer):
        def __call__(self, shape, dtype=None): return keras.ops.zeros(shape, dtype)
    @registered
    class MyAccuracy(keras.metrics.SparseCategoricalAccuracy): pass
    @registered
    class MyLimit(keras.constraints.Constraint):
        def __call__(self, w): return w
    @registered
    class MyRate(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, start: float = 0.1): self.start = start
        def __call__(self, step): return self.start
        def get_config(self): return {"start": self.start}
    @registered
    @dataclasses.dataclass
    class Settings:
        size: int = 3
        def get_config(self): return {"size": self.size}
    @registered
    def bent(x, by=2.0): return x
    @registered
    def far(y_true, y_pred): return y_true - y_pred
    """
    words = words_of(tmp_path, text, catalog)
    assert sorted(words) == [
        "activation bent",
        "constraint MyLimit",
        "initializer MyWeights",
        "layer MyDropout",
        "loss far",
        "metric MyAccuracy",
        "metric far",
        "optimizer MyAdam",
        "schedule MyRate",
    ]
    # What is inherited from Keras keeps Keras's documentation and ranges.
    rate = words["layer MyDropout"].argument("rate")
    assert rate and rate.documentation and (rate.minimum, rate.maximum) == (0, 1)


def test_documentation_comes_from_docstrings(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '''
    @registered
    class Told(keras.layers.Layer):
        """Does something.

        At some length.

        Args:
            size: How large it is.
        """
        def __init__(self, size: int = 3, **kwargs):
            super().__init__(**kwargs)
        def call(self, inputs):
            return inputs
    '''
    told = words_of(tmp_path, text, catalog)["layer Told"]
    size = told.argument("size")
    assert told.summary == "Does something." and told.documentation == "At some length."
    assert size and size.documentation == "How large it is."
    # griffe comes with an extra; without it the words are the same, arguments say less.
    monkeypatch.setattr(docstrings, "griffe", None)
    plain = words_of(tmp_path, text, catalog)["layer Told"]
    assert (plain.summary, plain.documentation) == (told.summary, told.documentation)
    assert [a.name for a in plain.arguments] == [a.name for a in told.arguments]


def test_a_layer_that_takes_a_list_merges(tmp_path: Path, catalog: Catalog) -> None:
    text = """
    @registered
    class Pair(keras.layers.Layer):
        def call(self, parts: list, use_causal_mask: bool = False): return parts[0]
    """
    word = words_of(tmp_path, text, catalog)["layer Pair"]
    assert word.merges and [option.name for option in word.options] == ["use_causal_mask"]


def test_objects_of_a_plugin_merge_as_words(tmp_path: Path, catalog: Catalog) -> None:
    text = """
    @registered
    class Far(keras.losses.Loss):
        def __init__(self, weight: float = 1.0, power: int = 2, **kwargs):
            super().__init__(**kwargs)
        def get_config(self): return {}
    """
    words_of(tmp_path, text, catalog)
    (tmp_path / "base.yaml").write_text(
        "plugins: plugin.py\nmodel: {inputs: {x: {shape: [4]}}, layers: [{Dense: 1}]}\n"
        "train: {loss: {Far: {weight: 3}}}\n",
        encoding="utf-8",
    )
    heir = tmp_path / "heir.yaml"
    heir.write_text("extends: base.yaml\ntrain: {loss: {Far: {power: 3}}}\n", encoding="utf-8")
    findings = Findings()
    loaded = load(str(heir), (), findings)
    assert loaded and loaded.spec.train, list(findings)
    assert dict(loaded.spec.train.loss.arguments) == {"weight": 3, "power": 3}  # type: ignore
    # Another one that replaces it starts from its own defaults.
    heir.write_text("extends: base.yaml\ntrain: {loss: MeanSquaredError}\n", encoding="utf-8")
    loaded = load(str(heir), (), findings)
    assert loaded and loaded.spec.train
    assert dict(loaded.spec.train.loss.arguments) == {}  # type: ignore


def test_a_layer_that_is_settled_is_called_by_the_names_of_its_own_call(
    tmp_path: Path, catalog: Catalog
) -> None:
    text = """
    @registered
    class Doubled(keras.layers.Layer):
        def call(self, rows, training=False): return 2.0 * rows if training else rows
    """
    words_of(tmp_path, text, catalog)
    loaded, _ = loaded_from(
        tmp_path,
        "plugins: plugin.py\nmodel:\n  inputs: {x: {shape: [2]}}\n  layers:\n"
        "    - Doubled:\n      from: {rows: x}\n      call: {training: true}\n",
    )
    model = build_model(loaded.graph, {}, "m")
    assert model.predict(np.ones((1, 2)), verbose=0).tolist() == [[2.0, 2.0]]


def test_a_plugin_may_print_without_breaking_json(
    tmp_path: Path, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    words_of(tmp_path, "print('hello')\n@registered\ndef bent(x): return x\n", catalog)
    told = capsys.readouterr()
    assert told.out == "" and "hello" in told.err


def test_a_callback_that_fails_is_told_at_its_line(tmp_path: Path, catalog: Catalog) -> None:
    from modelforge.runs import RunFolder
    from modelforge.train import prepare, train

    text = """
    @registered
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            {}["nothing"]
        def get_config(self): return {}
    """
    words_of(tmp_path, text, catalog)
    loaded, findings = loaded_from(
        tmp_path,
        "plugins: [plugin.py]\ndata: {train: Iris}\nmodel: {layers: [{Dense: 3}]}\n"
        "train: {loss: {SparseCategoricalCrossentropy: {from_logits: true}}, callbacks: [Fails]}\n",
    )
    with pytest.raises(Refused) as refused:
        train(prepare(loaded, findings), RunFolder.create_at(tmp_path / "run"))
    (found,) = refused.value.findings
    assert found.rule == "plugin-failed" and "KeyError" in found.message
    assert found.span and found.span.source.line(found.span.line).strip() == '{}["nothing"]'


@pytest.mark.slow
def test_a_word_of_every_kind_is_trained_with(tmp_path: Path, catalog: Catalog) -> None:
    from modelforge.runs import RunFolder
    from modelforge.train import prepare, train

    text = """
    @registered
    class MySGD(keras.optimizers.SGD): pass
    @registered
    class MyRate(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, start: float = 0.1): self.start = start
        def __call__(self, step): return self.start
        def get_config(self): return {"start": self.start}
    @registered
    class MyStop(keras.callbacks.EarlyStopping):
        def get_config(self): return {}
    @registered
    class MyAccuracy(keras.metrics.SparseCategoricalAccuracy): pass
    @registered
    class MyWeights(keras.initializers.Initializer):
        def __init__(self, size: float = 0.1): self.size = size
        def __call__(self, shape, dtype=None):
            assert isinstance(self.size, float)
            return keras.ops.full(shape, self.size, dtype)
        def get_config(self): return {"size": self.size}
    @registered
    class MyPenalty(keras.regularizers.L2): pass
    @registered
    def soft(x): return keras.ops.softmax(x)
    @registered
    def rare(y_true, y_pred):
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
    """
    words_of(tmp_path, text, catalog)
    loaded, findings = loaded_from(
        tmp_path,
        "plugins: plugin.py\ndata: {train: Iris, validation: 0.2}\nmodel:\n  layers:\n"
        "    - Dense: {units: 3, activation: soft, kernel_initializer: {MyWeights: 1},"
        " kernel_regularizer: {MyPenalty: 0.001}}\n"
        "train: {loss: rare, optimizer: {MySGD: {learning_rate: {MyRate: 0.01}, momentum: 0}},"
        " metrics: [MyAccuracy, rare], callbacks: [{MyStop: {monitor: val_loss}}]}\n",
    )
    outcome = train(prepare(loaded, findings), RunFolder.create_at(tmp_path / "run"))
    assert outcome.state.state == "finished"
