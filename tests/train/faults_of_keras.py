"""Plain Keras over two logical CPUs: the faults that `train/private/` mends, told as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras.src.saving import saving_lib

CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
TWO = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
ONE = tf.distribute.get_strategy()
SAMPLES = np.linspace(-1, 2, 7, dtype="float32")[:, None]


def dense() -> keras.Model:
    """A linear model of one weight, which is 1."""
    return keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )


def fitted(
    strategy: Any,
    optimizer: Callable[[], Any],
    make: Callable[[], Any] = dense,
    x: Any = SAMPLES[:4],
    batch: int = 4,
) -> Any:
    """A model after two epochs of Keras's own `fit`."""
    with strategy.scope():
        model = make()
        model.compile(optimizer=optimizer(), loss="mse", jit_compile=False)
    y = np.ones((len(x), *model.output_shape[1:]), "float32")
    model.fit(x, y, batch_size=batch, epochs=2, verbose=0, shuffle=False)
    return model


def apart(optimizer: Callable[[], Any], **options: Any) -> float:
    """How much the weights over two replicas differ from those of one process."""
    one, two = (fitted(it, optimizer, **options).get_weights() for it in (ONE, TWO))
    return max(float(np.abs(a - b).max()) for a, b in zip(one, two, strict=True))


def failure(optimizer: Callable[[], Any], **options: Any) -> str:
    """What `fit` over two replicas fails with; nothing if it does not."""
    try:
        fitted(TWO, optimizer, **options)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def normalized() -> keras.Model:
    """A model with batch normalization."""
    return keras.Sequential([keras.Input((1,)), keras.layers.BatchNormalization(momentum=0.5)])


def masked() -> keras.Model:
    """A model of sequences in which all but the zeros count."""
    numbers = keras.Input((4,), dtype="int32")
    random = keras.initializers.RandomUniform(seed=1)
    hidden = keras.layers.Embedding(4, 1, mask_zero=True, embeddings_initializer=random)(numbers)
    return keras.Model(numbers, keras.layers.Dense(1, kernel_initializer="ones")(hidden))


def statistics_apart() -> float:
    """How much the moving means of the two replicas differ."""
    model = fitted(TWO, keras.optimizers.SGD, make=normalized)
    first, second = TWO.experimental_local_results(model.layers[0].moving_mean.value)
    return float(np.abs(first.numpy() - second.numpy()).max())


def overflow() -> float:
    """The weight after the gradients of the second replica alone were infinite."""
    scaled = lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))  # noqa: E731
    x = np.array([[1.0], [1.0], [np.inf], [1.0]], "float32")
    return float(fitted(TWO, scaled, x=x).get_weights()[0][0, 0])


def rate() -> str:
    """What reading the learning rate as a number fails with."""
    with TWO.scope():
        optimizer = keras.optimizers.SGD(0.5)
    try:
        float(optimizer.learning_rate)
    except TypeError as error:
        return str(error)
    return ""


def remembered() -> bool:
    """Whether Keras finds again what it has found out about the attributes of an optimizer."""
    found = saving_lib.get_attr_skipset("Optimizer")
    return found is saving_lib.get_attr_skipset("Optimizer")


def main() -> None:
    sgd = keras.optimizers.SGD
    sequences = np.array([[1, 2, 3, 1], [1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]])
    told = {
        "even": apart(lambda: sgd(0.1)),
        "uneven": apart(lambda: sgd(0.1), x=SAMPLES),  # 4 samples, then 3, divided as 2 and 1
        "uneven first": failure(lambda: sgd(0.1), x=SAMPLES[:5], batch=5),
        "clipped": apart(lambda: sgd(0.1, clipnorm=0.01)),
        "masked": apart(lambda: sgd(0.1), make=masked, x=sequences),
        "accumulated": failure(lambda: sgd(0.1, gradient_accumulation_steps=2)),
        "overwritten": failure(lambda: sgd(0.1, use_ema=True, ema_overwrite_frequency=2)),
        "statistics": statistics_apart(),
        "overflow": overflow(),
        "rate": rate(),
        "remembered": remembered(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
