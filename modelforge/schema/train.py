"""The schema of `train`: what is learned, and how its steps are executed."""

from __future__ import annotations

from modelforge.schema import freezing, going_on, rates
from modelforge.schema.forms import VARIABLE, Forms, Schema
from modelforge.schema.phases import phases
from modelforge.schema.thaw import thaw
from modelforge.schema.values import choice, described, flag, items, number, section, whole

RATE_SCALINGS = ("none", "linear", "sqrt")
PRECISIONS = ("float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16")


def train(forms: Forms) -> Schema:
    """The section `train`."""
    keys = {**_learning(forms), **_execution(forms), "phases": phases(forms, _replaceable(forms))}
    return section("train", keys, required=("loss",))


def _replaceable(forms: Forms) -> dict[str, Schema]:
    """What a phase may say anew; the rest belongs to the whole run."""
    ways = ("learning_rate_scaling", "jit_compile", "on_divergence")
    return {**_learning(forms), **{key: _execution(forms)[key] for key in ways}}


def _learning(forms: Forms) -> dict[str, Schema]:
    return {
        "loss": {
            **_loss(forms),
            "description": "One loss for every output, or losses by output name.",
        },
        "loss_weights": {
            "type": "object",
            "additionalProperties": number("a weight"),
            "x-expected": "weights by output name",
            "description": "How much each output's loss counts.",
        },
        "metrics": _metrics(forms),
        "optimizer": described(forms.form("optimizer"), "How weights follow gradients."),
        "epochs": whole("Passes over the training data.", minimum=1),
        "freeze": freezing.freeze(),
        "thaw": thaw(),
        "batch_norm": freezing.batch_norm(),
        "frozen_features": freezing.frozen_features(),
        "learning_rate_multipliers": rates.multipliers(),
        "layer_decay": rates.layer_decay(),
        "callbacks": items(forms.form("callback"), "What watches over training."),
        "class_weight": {
            "type": ["object", "string"],
            "pattern": "^(balanced|" + VARIABLE + ")$",
            "additionalProperties": {
                **number("a weight"),
                "type": ["number", "object", "string"],
                "pattern": "^(balanced|" + VARIABLE + ")$",
                "additionalProperties": number("a weight"),
                "x-expected": "a weight, or for an output `balanced` or weights by class",
            },
            "x-expected": "`balanced`, or weights by class",
            "description": (
                "How much each class counts: `balanced`, or weights by class; where several "
                "outputs have classes, either of them by output name."
            ),
        },
    }


def _execution(forms: Forms) -> dict[str, Schema]:
    return {
        "precision": choice("The dtype policy of all layers.", PRECISIONS),
        "distribute": described(forms.form("strategy"), "Over which devices steps are spread."),
        "learning_rate_scaling": choice(
            "How the learning rate grows with the number of replicas.", RATE_SCALINGS
        ),
        "seed": whole("What weights, dropout and order are derived from.", minimum=0),
        "deterministic": flag("Whether two runs must be equal to the last bit."),
        "jit_compile": {
            "type": ["boolean", "string"],
            "pattern": "^(auto|" + VARIABLE + ")$",
            "x-expected": "true, false or `auto`",
            "description": "Whether XLA compiles the steps.",
        },
        "checkpoint": going_on.checkpoint(),
        "on_divergence": going_on.on_divergence(),
    }


def _loss(forms: Forms) -> Schema:
    """A loss, or losses by output name; `violations.py` tells a misspelt loss from a name."""
    return {
        "type": ["object", "string"],
        "minProperties": 1,
        "properties": forms.words("loss"),
        "additionalProperties": forms.form("loss"),
        "pattern": forms.bare("loss"),
        "x-form": ["loss"],
        "x-by-output": True,
        "x-expected": "a loss, or losses by output name",
    }


def _metrics(forms: Forms) -> Schema:
    metric = forms.form("metric")
    many = {"type": "array", "items": metric, "x-expected": "a list of metrics"}
    return {
        "type": ["array", "object"],
        "items": metric,
        "additionalProperties": many,
        "x-expected": "a list of metrics, or lists by output name",
        "description": "What is measured beside the loss.",
    }
