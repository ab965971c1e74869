"""A second model of the same spec has the same names for its variables, whatever Keras counts."""

from __future__ import annotations

from typing import Any

import keras

from modelforge.train.checkpoints.names import named_variables


@keras.saving.register_keras_serializable("names")
class Nameless(keras.layers.Layer):  # type: ignore[misc]
    """Its two weights have no names: Keras calls them `variable_5` and `variable_6`."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        self.shift = self.add_weight(shape=(input_shape[-1],))

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale + self.shift


def compiled() -> keras.Model:
    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(2, name="dense_7")(Nameless(name="own")(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(momentum=0.9), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_weights_without_names_are_told_apart_by_their_order() -> None:
    first, second = named_variables(compiled()), named_variables(compiled())
    assert list(first) == list(second)
    assert [name for name in first if name.startswith("model/")] == [
        "model/own/variable",
        "model/own/variable#2",
        "model/dense_7/kernel",
        "model/dense_7/bias",
    ]


def test_so_are_their_slots_in_the_optimizer() -> None:
    slots = [name for name in named_variables(compiled()) if "momentum" in name]
    assert slots == [
        "optimizer/sgd/own/variable/momentum",
        "optimizer/sgd/own/variable/momentum#2",
        "optimizer/sgd/dense_7/kernel/momentum",
        "optimizer/sgd/dense_7/bias/momentum",
    ]
