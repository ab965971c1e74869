"""An export and the Keras model that it was made of are asked the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from modelforge.export.compare import largest_difference
from modelforge.export.draws import difference_of_means
from modelforge.export.formats import Format
from modelforge.export.served import Served


@dataclass(frozen=True)
class Proof:
    """Real samples by name; tensors: the same as training gives them to the model, or None."""

    served: Served
    samples: Mapping[str, Any]
    tensors: Mapping[str, Any] | None

    def compare(
        self, form: Format, path: Path, tolerance: float
    ) -> tuple[dict[str, np.ndarray], float, float]:
        """What the export at `path` answers; how far from the model, and from itself next time."""
        ask = form.load(path, self.served.inputs)
        outputs, again = _plain(ask(self.samples)), _plain(ask(self.samples))
        expected = self._common(self._expected(self.samples))
        difference = largest_difference(expected, self._common(outputs))
        between_calls = largest_difference(self._common(outputs), self._common(again))
        if between_calls > tolerance and self.served.is_random:
            found = difference_of_means(
                self._expected, lambda given: self._common(ask(given)), self.samples
            )
            return outputs, found, 0.0
        return outputs, max(difference, self._at_tensors(form, path, expected)), between_calls

    def _at_tensors(self, form: Format, path: Path, expected: Mapping[str, Any]) -> float:
        """How far the way in behind the preprocessing lies from the model, where there is one."""
        if form.load_tensors is None or not self.served.tensors:
            return 0.0
        tensors = self.tensors
        if tensors is None:
            tensors = self.served.prepared(self.samples)
        ask = form.load_tensors(path, self.served.tensors)
        return largest_difference(expected, self._common(ask(tensors)))

    def _expected(self, samples: Mapping[str, Any]) -> dict[str, Any]:
        if self.tensors is not None:
            return self.served.answer_tensors(self.tensors)
        return self.served.answer(samples)

    def _common(self, outputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The model's own outputs: what is made of them (labels) is made of the same numbers."""
        return _plain({it: outputs[it] for it in self.served.output_names if it in outputs})


def _plain(outputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in outputs.items()}
