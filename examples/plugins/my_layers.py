"""A layer, a loss and a callback that Keras does not have; digits.yaml uses them as words."""

from __future__ import annotations

from typing import Any, Literal

import keras


@keras.saving.register_keras_serializable("examples")
class ScaledResidual(keras.layers.Layer):
    """Adds a dense transformation of its input to the input, scaled by a weight that is learned.

    Args:
        units: Size of the hidden transformation.
        initial_scale: What the learned scale begins with.
        activation: Activation of the hidden transformation.
        kernel_initializer: Initializer of both kernels.
        scale: Whether one scale is learned for all features, or one for each.
    """

    def __init__(
        self,
        units: int,
        initial_scale: float = 0.1,
        activation: Any = "relu",
        kernel_initializer: Any = "glorot_uniform",
        scale: Literal["one", "each"] = "one",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.initial_scale = initial_scale
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.scale = scale

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the weights for inputs of this shape."""
        features = shape[-1]
        make = self.add_weight
        self.enter = make(shape=(features, self.units), initializer=self.kernel_initializer)
        self.leave = make(shape=(self.units, features), initializer=self.kernel_initializer)
        self.factor = make(
            shape=(features,) if self.scale == "each" else (),
            initializer=keras.initializers.Constant(self.initial_scale),
        )

    def call(self, inputs: Any) -> Any:
        """The input and what was learned to be added to it."""
        hidden = self.activation(keras.ops.matmul(inputs, self.enter))
        return inputs + self.factor * keras.ops.matmul(hidden, self.leave)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes, for saving."""
        return {
            **super().get_config(),
            "units": self.units,
            "initial_scale": self.initial_scale,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "scale": self.scale,
        }


@keras.saving.register_keras_serializable("examples")
class ConfidencePenalty(keras.losses.Loss):
    """Crossentropy of classes by number, with a penalty on outputs that are too sure.

    Args:
        weight: How much the penalty counts.
    """

    def __init__(self, weight: float = 0.1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        sure = keras.ops.sum(y_pred * keras.ops.log(y_pred + 1e-7), axis=-1)
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred) + self.weight * sure

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes, for saving."""
        return {**super().get_config(), "weight": self.weight}


@keras.saving.register_keras_serializable("examples")
class StopAtValue(keras.callbacks.Callback):
    """Ends training as soon as a value is good enough.

    Args:
        monitor: The value to watch.
        least: Training ends where the value is at least this.
    """

    def __init__(self, monitor: str = "val_accuracy", least: float = 0.98) -> None:
        super().__init__()
        self.monitor = monitor
        self.least = least

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Looks at the values of the epoch."""
        if (logs or {}).get(self.monitor, 0.0) >= self.least:
            self.model.stop_training = True

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes; Keras registers no class without it."""
        return {"monitor": self.monitor, "least": self.least}
