"""Learning rates by layer, found for the variables of a model that is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras

from modelforge.build.objects import refusal
from modelforge.build.paths import Layers
from modelforge.findings import Findings, Refused, refuse
from modelforge.graph import Graph
from modelforge.graph.freezing.frozen import Frozen
from modelforge.graph.freezing.select import Selection
from modelforge.graph.rates.check import report, trained
from modelforge.graph.rates.rates import Rates, multipliers
from modelforge.layers.layerwise import Multipliers, layerwise
from modelforge.spec import Object, TrainSection


@dataclass(frozen=True)
class ByVariable:
    """What the rate of each variable is multiplied by; rates: the same by layer, to be told."""

    rates: Rates = field(default_factory=lambda: Rates({}))
    variables: Multipliers = ()

    def applied_to(self, optimizer: Any, wanted: Object) -> Any:
        """The optimizer, not yet built, with these rates; wanted: what it was made from.

        Raises Refused where it is a plugin's that cannot have them.
        """
        if not self.variables:
            return optimizer
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        if type(inner).update_step is keras.optimizers.Optimizer.update_step:
            raise refuse(
                "rates-optimizer",
                f"`{wanted.name}` cannot have learning rates by layer: it has no `update_step`, "
                "which Keras calls with the rate for each weight",
                wanted.span,
            )
        try:
            return layerwise(optimizer, self.variables)
        except Refused:
            raise
        except Exception as error:  # it is made again from its configuration
            raise refusal(wanted, error) from error


def find_rates(model: keras.Model, graph: Graph, train: TrainSection, frozen: Frozen) -> ByVariable:
    """The rates of one phase, after what it freezes has been frozen.

    frozen: what `apply_freezing` has counted. Raises Refused where a selector selects nothing.
    """
    if not train.has_rates:
        return ByVariable()
    layers = Layers(model, graph)
    selection = Selection(layers.everything)

    def weights(path: str) -> int:
        # Frozen or not: what is thawed later must not change the rates of what is trained now.
        counts = frozen.layers.get(path)
        return counts.layers if counts is not None else 0

    findings = Findings()
    report(selection, train, weights, findings)
    findings.stop_on_errors()
    found = multipliers(selection, train, weights)
    assert found is not None  # Keras knows all layers, and the data everything else
    by_id: dict[int, float] = {}
    for it in layers.everything:  # the outer ones first
        if it.kind != "use":
            for variable in getattr(layers.made[it.path], "variables", ()):
                by_id[id(variable)] = found[it.path]
    numbers = tuple((it.path, by_id.get(id(it), 1.0)) for it in model.trainable_variables)
    return ByVariable(trained(found, frozen), numbers)
