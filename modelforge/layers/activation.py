"""An activation function with arguments, as an object that Keras can save and load."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="modelforge")
class ParameterizedActivation:
    """`gelu: {approximate: true}`: the function of `keras.activations`, its arguments fixed.

    A partial function or a lambda would do the same but could not be saved.
    """

    def __init__(self, function: str, arguments: dict[str, Any]) -> None:
        self.function = function
        self.arguments = dict(arguments)
        self._function = getattr(keras.activations, function)

    def __call__(self, x: Any) -> Any:
        """The activation of a tensor."""
        return self._function(x, **self.arguments)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {"function": self.function, "arguments": dict(self.arguments)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ParameterizedActivation:
        """The activation that `get_config` described."""
        return cls(**config)
