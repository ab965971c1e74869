"""Two replicas learn and measure what one process does with the same global batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modelforge.catalog import load_catalog
from train.ways import Both, benchmark, table

# 120 training samples in batches of 17: each is divided as 9 and 8, and the last one holds a
# single sample, so that the second replica has none.
HEAD = """\
modelforge: 1
data: {train: Iris, validation: 0.2, batch_size: 17}
model:
  layers:
    - Dense: {units: 8, activation: tanh}
"""
OUT = """\
    - Dense: {units: "${data.classes}", activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  metrics: [SparseCategoricalAccuracy]
  epochs: 2
  optimizer: {SGD: {learning_rate: 0.1, momentum: 0.9}}
"""
NORMALIZED = "    - BatchNormalization: {synchronized: true}\n"
ACCUMULATED = """{AdamW: {learning_rate: 0.02, gradient_accumulation_steps: 3,
    global_clipnorm: 0.2, use_ema: true, ema_momentum: 0.9, ema_overwrite_frequency: 2}}"""
PLAIN = HEAD + OUT
# From a scale at which nothing overflows: a part of a batch overflows later than the whole.
SCALED = """{LossScaleOptimizer: {initial_scale: 64, dynamic_growth_steps: 5,
    inner_optimizer: {SGD: {learning_rate: 0.1, momentum: 0.9}}}}"""
ACCUMULATED_ALONE = "0.9, gradient_accumulation_steps: 2"
SGD = "{SGD: {learning_rate: 0.1, momentum: 0.9}}"

SPECS = {
    "uneven": HEAD + NORMALIZED + OUT,
    "accumulated": PLAIN.replace(SGD, ACCUMULATED),
    "rates by layer": PLAIN.replace(SGD, ACCUMULATED.replace("0.02,", "0.02, weight_decay: 0.5,"))
    + "  layer_decay: 0.25\n",
    "clipped": PLAIN.replace("momentum: 0.9", "clipnorm: 0.05"),
    "regularized": HEAD.replace("tanh", "tanh, kernel_regularizer: {L2: 0.01}") + OUT,
    "active": HEAD.replace("tanh", "tanh, activity_regularizer: {L2: 0.01}") + OUT,
    "summed": PLAIN.replace(
        "SparseCategoricalCrossentropy", "{SparseCategoricalCrossentropy: {reduction: sum}}"
    ).replace("0.1", "0.005"),
    "weighted": PLAIN.replace(
        "SparseCategoricalCrossentropy",
        "{SparseCategoricalCrossentropy: {reduction: mean_with_sample_weight}}",
    )
    + "  class_weight: {setosa: 3.0, virginica: 0.5}\n",
    "bfloat16": PLAIN + "  precision: mixed_bfloat16\n",
    "float16": PLAIN.replace(SGD, SCALED) + "  precision: mixed_float16\n",
    "float16 accumulated": PLAIN.replace(SGD, SCALED.replace("0.9", ACCUMULATED_ALONE))
    + "  precision: mixed_float16\n",
}
pytestmark = pytest.mark.timeout(1800)  # two processes train all specs of a fixture
FEW = ("uneven", "accumulated", "rates by layer")
OF_THE_TABLE = ("convolutions", "two outputs")
ALL_OF_THE_TABLE = ("dense", "recurrent", *OF_THE_TABLE)
MASKED = """\
modelforge: 1
data: {{train: {{NPZ: {path}}}, batch_size: 7}}
model:
  layers:
    - Embedding: {{input_dim: 9, output_dim: 4, mask_zero: true}}
    - GRU: {{units: 5, return_sequences: true}}
    - Dense: 1
train:
  loss: MeanSquaredError
  metrics: [MeanAbsoluteError]
  epochs: 2
  optimizer: {{Adam: 0.01}}
"""


def _masked(folder: Path) -> str:
    """Sequences of unequal length, of which the longest are all in one half of the batches."""
    generator = np.random.default_rng(0)
    words = generator.integers(1, 9, (40, 6))
    lengths = np.tile([6, 6, 6, 5, 2, 1, 1], 6)[:40]
    words[np.arange(6) >= lengths[:, None]] = 0
    path = folder / "words.npz"
    np.savez(path, x=words.astype("int32"), y=generator.normal(size=(40, 6, 1)).astype("float32"))
    return MASKED.format(path=path)


WORDS = """\
modelforge: 1
data: {{train: {{NPZ: {{path: {path}, inputs: [word, number]}}}}, batch_size: 7}}
model:
  inputs: {{word: {{shape: [1], dtype: string}}, number: {{shape: [2]}}}}
  layers:
    - StringLookup: {{vocabulary: [a, b, c], output_mode: one_hot}}
      from: word
      name: found
    - Concatenate:
      from: [found, number]
    - Dense: {{units: 6, activation: tanh}}
      name: trunk
    - Dense: 1
      name: first
    - Dense: {{units: 1, activation: sigmoid}}
      from: trunk
      name: second
  outputs: [first, second]
train:
  loss: MeanSquaredError
  metrics: {{first: [MeanAbsoluteError], second: [R2Score]}}
  epochs: 2
  optimizer: {{SGD: 0.1}}
"""


def _words(folder: Path) -> str:
    """Two inputs, one of them text, and two outputs."""
    generator = np.random.default_rng(0)
    path = folder / "text.npz"
    np.savez(
        path,
        word=generator.choice(["a", "b", "c", "d"], (40, 1)),
        number=generator.normal(size=(40, 2)).astype("float32"),
        y=generator.normal(size=(40, 1)).astype("float32"),
    )
    return WORDS.format(path=path)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("replicas")
    few = {name: SPECS[name] for name in FEW}
    table = benchmark().filled_specs(OF_THE_TABLE, steps=20)
    return Both({**few, **table, "masked": _masked(folder), "words": _words(folder)})


@pytest.fixture(scope="module")
def more() -> Both:
    return Both({name: text for name, text in SPECS.items() if name not in FEW})


@pytest.mark.parametrize("name", [*FEW, *OF_THE_TABLE, "masked", "words"])
def test_losses_metrics_and_weights_are_those_of_one_process(both: Both, name: str) -> None:
    both.same(name, within=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", [it for it in SPECS if it not in FEW and "16" not in it])
def test_of_every_kind_of_loss_and_step(more: Both, name: str) -> None:
    more.same(name, within=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", [it for it in SPECS if "16" in it])
def test_half_precision_differs_by_its_own_digits(more: Both, name: str) -> None:
    # Sums in another order: bfloat16 knows two to three digits, float16 three to four.
    apart = more.apart(name)
    assert apart["losses"] < 2e-2
    assert apart["weights"] < 5e-2


# `LossScaleOptimizer` is among the specs above; no spec can say the map of a `MultiOptimizer`.
WRAPPERS = ("LossScaleOptimizer", "MultiOptimizer")
OPTIMIZERS = sorted(load_catalog().words("optimizer").keys() - set(WRAPPERS))


@pytest.fixture(scope="module")
def optimizers() -> Both:
    return Both(
        {name: PLAIN.replace(SGD, name).replace("epochs: 2", "epochs: 1") for name in OPTIMIZERS}
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_of_the_catalog(optimizers: Both, name: str) -> None:
    optimizers.same(name, within=1e-4)


@pytest.mark.long
def test_replicas_and_workers_are_as_one_process_after_100_steps() -> None:
    rows = table(ALL_OF_THE_TABLE, ["one", "replicas", "workers"], steps=100)
    assert [(row["spec"], row["way"], row["steps"]) for row in rows] == [
        (spec, way, 100) for spec in ALL_OF_THE_TABLE for way in ("replicas", "workers")
    ]
    for row in rows:
        apart = [row[it] for it in ("losses", "values", "weights", "statistics")]
        assert max(apart) < 1e-5, row


@pytest.mark.long
def test_with_dropout_and_their_own_statistics_replicas_are_as_workers() -> None:
    specs = ("dense", "convolutions")
    for row in table(specs, ["replicas", "workers"], steps=100, chance=True):
        apart = [row[it] for it in ("losses", "values", "weights", "statistics")]
        assert max(apart) < 1e-5, row
