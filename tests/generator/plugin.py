"""A plugin beside the spec, and the words that it brings."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from modelforge.build.plugins import run_plugins
from modelforge.catalog import Catalog, load_catalog
from modelforge.findings import Findings
from modelforge.graph.plugins import read_plugin

FILE = "own_words.py"
TEXT = '''"""Words of a spec's own."""

import keras
from keras import ops

registered = keras.saving.register_keras_serializable("generated")


@registered
class Scaled(keras.layers.Layer):
    """Multiplies by a weight that is learned.

    Args:
        initial: What the weight begins with.
    """

    def __init__(self, initial: float = 1.0, kernel_regularizer=None, **kwargs):
        super().__init__(**kwargs)
        self.initial = initial
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, shape):
        self.factor = self.add_weight(
            shape=(shape[-1],),
            initializer=keras.initializers.Constant(self.initial),
            regularizer=self.kernel_regularizer,
        )

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        config = {"initial": self.initial, "kernel_regularizer": regularizer}
        return {**super().get_config(), **config}


@registered
class Halves(keras.initializers.Initializer):
    """Nothing but a number."""

    def __init__(self, number: float = 0.5):
        self.number = number

    def __call__(self, shape, dtype=None):
        return ops.full(shape, self.number, dtype=dtype)

    def get_config(self):
        return {"number": self.number}


@registered
class Distance(keras.losses.Loss):
    """The absolute difference, in the mean."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred), axis=-1)


@registered
def bent(x):
    """An activation."""
    return ops.where(x > 0, x, 0.1 * x)
'''
LAYERS = ("Scaled",)
INITIALIZERS: dict[str, dict[str, Any]] = {"Halves": {"number": (0.25, 1.0)}}
ACTIVATIONS: dict[str, dict[str, Any]] = {"bent": {}}
LOSSES: dict[str, dict[str, Any]] = {"Distance": {}}


@cache
def catalog() -> Catalog:
    """The catalog with these words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(TEXT, encoding="utf-8")
        findings = Findings()
        file = read_plugin(str(path), findings, FILE, None)
        assert file is not None
        words = run_plugins([file], load_catalog(), findings)
        assert not len(findings), list(findings)
    return load_catalog().extended(words)
