"""What surrounds a piece of a model: the values that expressions name, and `model.defaults`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.generator.holes import Environment, fill
from tests.generator.objects import is_object


@dataclass(frozen=True)
class Context:
    """values: variables, parameters and counters by name; shared: those that blocks see too."""

    values: Environment = field(default_factory=dict)
    shared: Environment = field(default_factory=dict)
    defaults: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def with_values(self, **values: Any) -> Context:
        """Inside a loop."""
        return replace(self, values={**self.values, **values})

    def of_block(self, parameters: Environment) -> Context:
        """Inside a block, which sees its parameters and the variables."""
        return replace(self, values={**self.shared, **parameters})

    def meant(self, word: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a layer, filled, over the defaults of its class."""
        filled = {**self.defaults.get(word, {}), **fill(arguments, self.values)}
        return {name: self._completed(value) for name, value in filled.items()}

    def _completed(self, value: Any) -> Any:
        if is_object(value):
            name, kind, arguments = value
            return [name, kind, self.meant(name if kind == "layer" else "", arguments)]
        if isinstance(value, list):
            return [self._completed(item) for item in value]
        return value
