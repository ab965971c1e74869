"""Random specs over the whole language: each validates, builds, and means what it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.generator import plugin, training
from tests.generator.data import AUGMENTING, BUNDLED, COLOURS
from tests.generator.inputs import KINDS
from tests.generator.objects import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS
from tests.generator.operations import OPERATIONS
from tests.generator.proof import prove, surrounded
from tests.generator.saved import SMALLEST
from tests.generator.spec import make_spec
from tests.generator.vocabulary import ENCODERS, WORDS

ORDINARY = 50
MANY = 2_000
SOME = 200  # of the many, those that CI has time for
CHUNK = 50
# These mix labels, which is refused, or need images that are larger than those here; one crops
# nothing outside training (tests/graph/test_untrainable.py).
LEFT_OUT = {"ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "MixUp", "RandomCrop"}
FEATURES = {
    *("parallel", "repeat", "for", "if", "block", "block used again", "nested model", "use"),
    *("nested model with inputs", "outputs of a nested model", "from: [...]", "call", "vars"),
    *("from: {argument: name}", "block with its first parameter alone", "expression"),
    *("form alias", "form Name: value", "form Name: {...}", "name inside", "name beside"),
    *("defaults", "several inputs", "several outputs", "losses by output", "data.classes"),
    *("extends", "extends in a row", "patch", "without"),
    *(f"input {kind}" for kind in KINDS),
    *("load", "load until", "load trainable", "plugins", "merge ops.concatenate", "application"),
    *("merge ops.add", "merge ops.stack", "call training", "dtype", "precision", "distribute"),
    *("class_weight", "targets by name", "names of classes", "target: inputs", "data.shape"),
    *("env", "--set", "variable of a variable", "extends several", "patch by name"),
    *("--set in a model", "patch in a model", "outputs of a saved model"),
}


def proved(seed: int, folder: Path) -> Counter[str]:
    made = make_spec(seed)
    folder = folder / str(seed)
    folder.mkdir()
    try:
        with surrounded(made):
            return made.seen + prove(made, folder)
    except Exception as error:
        texts = "\n".join(f"# {name}\n{text}" for name, text in made.files.items())
        raise AssertionError(f"seed {seed}: {error}\n{texts}") from error


@pytest.mark.parametrize("first", range(0, ORDINARY, 10))
def test_generated_specs(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 10):
        proved(seed, tmp_path)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(seed, marks=pytest.mark.slow if seed < 1000 + SOME else pytest.mark.long)
        for seed in range(1000, 1000 + MANY, CHUNK)
    ],
)
def test_many_generated_specs(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + CHUNK):
        proved(seed, tmp_path)


@pytest.mark.slow
def test_the_generator_speaks_the_whole_language() -> None:
    """All features and words come up in the seeds of the marked run."""
    seen = sum((make_spec(seed).seen for seed in range(1000, 3000)), Counter())
    wanted = FEATURES | _words()
    assert not wanted - seen.keys()
    rare = [name for name in wanted if seen[name] < 3]
    assert not rare


def _words() -> set[str]:
    layers = {word for words in (*WORDS.values(), *ENCODERS.values()) for word in words}
    kinds = {
        "layer": layers
        | {*plugin.LAYERS}
        | {"LSTMCell", "GRUCell", "SimpleRNNCell", "MultiHeadAttention"},
        "initializer": {*INITIALIZERS, *plugin.INITIALIZERS},
        "regularizer": REGULARIZERS,
        "constraint": CONSTRAINTS,
        "activation": {*ACTIVATIONS, *plugin.ACTIVATIONS},
        "loss": {**training.NUMBER_LOSSES, **training.CLASS_LOSSES, **plugin.LOSSES},
        "metric": {**training.NUMBER_METRICS, **training.CLASS_METRICS, "AUC": {}},
        "optimizer": training.OPTIMIZERS,
        "schedule": training.SCHEDULES,
        "callback": training.CALLBACKS,
        "operation": OPERATIONS,
        "source": {*BUNDLED, "NPZ", "CSV"},
        "augment": {word for words in (*AUGMENTING.values(), COLOURS) for word in words},
        "application": SMALLEST,
    }
    return {f"{kind} {name}" for kind, names in kinds.items() for name in names}


def test_no_more_words_are_left_out_than_these() -> None:
    """A layer with a rule is generated, in the model or in `data.augment`."""
    from modelforge.graph.shapes.table import RULES

    generated = {name.removeprefix("layer ") for name in _words()}
    merging = {"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate", "Dot"}
    attention = {"Attention", "AdditiveAttention", "GroupQueryAttention"}
    left = RULES.keys() - generated - merging - attention
    augmenting = {word for words in (*AUGMENTING.values(), COLOURS) for word in words}
    assert left - augmenting == LEFT_OUT
