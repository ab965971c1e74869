"""Steps over two logical CPUs, of models that a test makes itself; told as JSON."""

from __future__ import annotations

import json
import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from modelforge.catalog import load_catalog
from modelforge.data import open_data
from modelforge.data.bundle import Split
from modelforge.findings import Findings, Source, Span
from modelforge.spec import DataSection, Object
from modelforge.train.steps import Steps
from modelforge.train.strategy import Placement, place

SPAN = Span(Source("test.yaml", ""), 1, 1, 1, 1)


def placement(*devices: str) -> Placement:
    """Over these devices; over one where none are named."""
    arguments = {"devices": devices} if devices else {}
    return place(Object("strategy", "MirroredStrategy" if devices else "none", arguments, SPAN))


def iris(batch_size: int) -> Split:
    """All of Iris, in order."""
    from pathlib import Path

    source = Object("source", "Iris", {}, SPAN)
    data = DataSection(source, None, None, batch_size, False, 0, (), "auto", SPAN)
    return open_data(data, Path(), Findings()).train


class Own(keras.Model):
    """A model with a training step of its own, which returns a value that is no metric."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of gradient descent."""
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        grads = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply(grads, self.trainable_weights)
        return {"loss": loss, "mean_of_x": tf.reduce_mean(x)}


def linear(kind: type[keras.Model] = keras.Model, *layers: Any) -> keras.Model:
    """A linear model of Iris after the layers."""
    inputs = keras.Input((4,))
    hidden = inputs
    for layer in layers:
        hidden = layer(hidden)
    outputs = keras.layers.Dense(1, kernel_initializer="ones")(hidden)
    return kind(inputs, outputs)


def stepped(where: Placement, make: Any, batch_size: int = 5, **options: Any) -> Any:
    """A model after the first two steps, and what the second one told."""
    with where.scope():
        model = make()
        model.compile("sgd", "mse", jit_compile=False, **options)
        model.optimizer.build(model.trainable_variables)
        model._symbolic_build(data_batch=(keras.KerasTensor((None, 4)), keras.KerasTensor((None,))))
    steps = Steps(model, where)
    batches = iter(steps.batches(iris(batch_size), lambda it: it))
    steps.train(batches)
    logs = steps.train(batches)
    return model, {name: float(value) for name, value in logs.items()}


def weights(model: keras.Model) -> list[float]:
    """All that is trained."""
    return [float(it) for v in model.trainable_variables for it in np.ravel(np.asarray(v))]


def main() -> None:
    two, one = placement("CPU:0", "CPU:1"), placement()
    assert two.replicas == 2 and load_catalog()
    told: dict[str, Any] = {}
    for name, where in {"one": one, "two": two}.items():
        model, logs = stepped(where, lambda: linear(Own))
        told[f"own {name}"] = {"logs": logs, "weights": weights(model)}
        model, logs = stepped(where, linear, run_eagerly=True)
        told[f"eager {name}"] = {"logs": logs, "weights": weights(model)}
    normalized = lambda: linear(keras.Model, keras.layers.BatchNormalization())  # noqa: E731
    model, _ = stepped(two, normalized)
    means = two.strategy.experimental_local_results(model.layers[1].moving_mean.value)
    told["means"] = [it.numpy().tolist() for it in means]
    dropped = keras.layers.Dropout(0.5, seed=3)
    with two.scope():
        dropped.build((None, 50))
    from modelforge.train import private

    def draw() -> Any:
        return dropped(tf.ones((1, 50)), training=True)

    with private.as_one_process():
        drawn = tf.function(lambda: two.strategy.run(draw), autograph=False)()
    told["dropped"] = [it.numpy().tolist() for it in two.strategy.experimental_local_results(drawn)]
    told["agree"] = Steps(model, two).agree(7)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
