"""A layer that is called as in training, or as outside it, whatever the model does."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="modelforge")
class Settled(keras.layers.Layer):
    """`call: {training: true}` around a layer that is built.

    Keras 3.15.1 lets a functional model's own `training` win over the one that a layer of it was
    called with, in `fit`, `predict` and whenever else the model is told one. This layer is not
    told; the one inside is, by what the spec says.
    """

    def __init__(
        self, layer: keras.layers.Layer, options: dict[str, Any], **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.layer = layer
        self.options = dict(options)
        self.supports_masking = True
        self.autocast = False  # the layer inside does it

    def build(self, *shapes: Any, **named_shapes: Any) -> None:
        """Nothing: the layer inside is built, and a saved one is built again before this one."""

    def call(self, inputs: Any, **tensors: Any) -> Any:
        """What the layer inside makes of it."""
        return self.layer(inputs, **tensors, **self.options)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the layer inside."""
        return self.layer.compute_mask(inputs, previous_mask)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        inside = keras.saving.serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": inside, "options": dict(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Settled:
        """The layer that `get_config` described."""
        layer = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**{**config, "layer": layer})
