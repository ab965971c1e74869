"""Cross-entropy with smoothed labels, for labels that are integers."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="modelforge")
class SmoothedSparseCategoricalCrossentropy(keras.losses.Loss):
    """`SparseCategoricalCrossentropy: {label_smoothing: 0.1}`, which Keras 3.15.1 has not.

    What `CategoricalCrossentropy` gives for the same labels one-hot: the right class has
    1 - s + s / n, each other one s / n (Szegedy et al. 2016, "Rethinking the Inception
    architecture"). Labels have the shape of the predictions without their class axis, which may
    be there as 1; the loss has one value for each label.
    """

    def __init__(
        self,
        label_smoothing: float,
        from_logits: bool = False,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.label_smoothing = label_smoothing
        self.from_logits = from_logits
        self.axis = axis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each label."""
        labels = ops.cast(y_true, "int32")
        if len(labels.shape) == len(y_pred.shape):
            labels = ops.squeeze(labels, axis=self.axis)
        classes = y_pred.shape[self.axis]
        right = ops.one_hot(labels, classes, axis=self.axis, dtype=y_pred.dtype)
        smoothed = right * (1 - self.label_smoothing) + self.label_smoothing / classes
        return ops.categorical_crossentropy(
            smoothed, y_pred, from_logits=self.from_logits, axis=self.axis
        )

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "from_logits": self.from_logits,
            "axis": self.axis,
        }
