from typing import Literal

import keras


@keras.saving.register_keras_serializable("tests")
class Scale(keras.layers.Layer):
    """Multiplies its input.

    Args:
        factor: What by.
        kernel_initializer: Unused.
    """

    def __init__(
        self,
        factor: float,
        times: int = 1,
        mode: Literal["all", "each"] = "all",
        sizes: list[int] | None = None,
        kernel_initializer="zeros",
        inner: keras.layers.Layer | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if factor > 100:
            raise ValueError("the factor is far too large")
        self.factor = factor

    def call(self, inputs):
        if self.factor < 0:
            raise RuntimeError("nothing is multiplied by less than nothing")
        return inputs * self.factor


@keras.saving.register_keras_serializable("tests")
def gently(x):
    return keras.ops.tanh(x)


@keras.saving.register_keras_serializable("tests")
def apart(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)
