"""The `train` section: losses and metrics that fit the outputs, optimizers, callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.generator import plugin
from tests.generator.draw import Draw
from tests.generator.objects import Objects

# By whether the target is a class (softmax), a probability (sigmoid) or a number.
CLASS_LOSSES: dict[str, dict[str, Any]] = {
    "SparseCategoricalCrossentropy": {"from_logits": (True, False), "ignore_class": (0,)},
}
NUMBER_LOSSES: dict[str, dict[str, Any]] = {
    "BinaryCrossentropy": {"from_logits": (True, False), "label_smoothing": (0.1,)},
    "BinaryFocalCrossentropy": {"gamma": (1.5,), "alpha": (0.3,)},
    "CategoricalCrossentropy": {"label_smoothing": (0.1,)},
    "CosineSimilarity": {"axis": (-1,)},
    "Dice": {},
    "Hinge": {},
    "Huber": {"delta": (0.5, 2)},
    "KLDivergence": {},
    "LogCosh": {},
    "MeanAbsoluteError": {},
    "MeanAbsolutePercentageError": {},
    "MeanSquaredError": {},
    "MeanSquaredLogarithmicError": {},
    "Poisson": {},
    "SquaredHinge": {},
    "Tversky": {"alpha": (0.3,), "beta": (0.7,)},
}
BINARY_LOSSES = ("BinaryCrossentropy", "BinaryFocalCrossentropy", "Hinge")
DATA_LOSSES = ("Huber", "MeanSquaredError", "MeanAbsoluteError", "LogCosh")
CLASS_METRICS: dict[str, dict[str, Any]] = {
    "SparseCategoricalAccuracy": {},
    "SparseTopKCategoricalAccuracy": {"k": (2,)},
    "accuracy": {},
}
NUMBER_METRICS: dict[str, dict[str, Any]] = {
    "MeanAbsoluteError": {}, "RootMeanSquaredError": {}, "MeanSquaredError": {},
    "LogCoshError": {}, "CosineSimilarity": {}, "Poisson": {},
}  # fmt: skip
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "Adadelta": {"rho": (0.9,)},
    "Adafactor": {"clip_threshold": (0.5,)},
    "Adagrad": {},
    "Adam": {"beta_1": (0.8,), "amsgrad": (True,), "clipnorm": (1.0,)},
    "AdamW": {"weight_decay": (0.01,)},
    "Adamax": {},
    "Ftrl": {},
    "Lamb": {},
    "Lion": {"beta_1": (0.8,)},
    "Nadam": {},
    "RMSprop": {"rho": (0.8,), "momentum": (0.5,), "centered": (True,)},
    "SGD": {"momentum": (0, 0.9), "nesterov": (True, False), "use_ema": (True,)},
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "CosineDecay": {"initial_learning_rate": (0.1,), "decay_steps": (100,)},
    "CosineDecayRestarts": {"initial_learning_rate": (0.1,), "first_decay_steps": (10,)},
    "ExponentialDecay": {
        "initial_learning_rate": (0.1,),
        "decay_steps": (9,),
        "decay_rate": (0.9,),
    },
    "InverseTimeDecay": {
        "initial_learning_rate": (0.1,),
        "decay_steps": (9,),
        "decay_rate": (0.5,),
    },
    "PiecewiseConstantDecay": {"boundaries": ([10, 20],), "values": ([0.1, 0.01, 0.001],)},
    "PolynomialDecay": {"initial_learning_rate": (0.1,), "decay_steps": (50,)},
}
CALLBACKS: dict[str, dict[str, Any]] = {
    "EarlyStopping": {"patience": (1, 3), "restore_best_weights": (True,)},
    "ReduceLROnPlateau": {"factor": (0.5,), "patience": (2,)},
    "TerminateOnNaN": {},
    "ModelCheckpoint": {"filepath": ("kept.keras",), "save_best_only": (True,)},
    "CSVLogger": {"filename": ("log.csv",)},
}
REQUIRED = {"ModelCheckpoint": ("filepath",), "CSVLogger": ("filename",)}


STRATEGIES: tuple[Any, ...] = ("none", "auto", {"MirroredStrategy": {"devices": ["CPU:0"]}})
PRECISIONS = ("float32", "float64", "bfloat16", "mixed_bfloat16", "mixed_float16")


def training(
    draw: Draw, pen: Objects, outputs: list[str], kinds: list[str], exact: bool = False
) -> dict[str, Any]:
    """The section for outputs of these names; the only output has no name.

    kinds: what each output learns: `classes`, `binary` or `number`, where the data tells it; else
    `any`, or `any number`. exact: two runs must be equal to the last bit.
    """
    losses, metrics = [], []
    for kind in kinds:
        loss, measured = _target(draw, pen, kind)
        losses.append(loss)
        metrics.append(measured)
    if len(outputs) == 1:
        found: dict[str, Any] = {"loss": losses[0], "metrics": metrics[0]}
    else:
        draw.note("losses by output")
        found = {
            "loss": dict(zip(outputs, losses, strict=True)),
            "metrics": dict(zip(outputs, metrics, strict=True)),
        }
        if draw.chance(0.5):
            found["loss_weights"] = {name: draw.one((0.5, 1, 2.0)) for name in outputs}
    if draw.chance(0.8):
        found["optimizer"] = _optimizer(draw, pen)
    found["epochs"] = draw.whole(1, 5)
    chosen = draw.sample(sorted(CALLBACKS), 3)
    if "ReduceLROnPlateau" in chosen and _has_schedule(found.get("optimizer")):
        chosen.remove("ReduceLROnPlateau")  # it would set what the schedule sets
    if chosen:
        found["callbacks"] = [_callback(draw, pen, name) for name in chosen]
    weighted = [name for name, kind in zip(outputs, kinds, strict=True) if kind == "classes"]
    if weighted and draw.chance(0.15):
        draw.note("class_weight")
        found["class_weight"] = "balanced"
        if outputs != [""]:
            found["class_weight"] = {weighted[0]: draw.one(("balanced", {0: 2.0, 1: 0.5}))}
    found |= draw.some(
        0.15, seed=(7,), deterministic=(True,), jit_compile=(False, "auto"), precision=PRECISIONS,
        distribute=STRATEGIES,
    )  # fmt: skip
    if "SparseTopK" in str(found["metrics"]):
        found.pop("precision", None)  # TensorFlow's kernel takes float32 alone
    for key in ("precision", "distribute"):
        if key in found:
            draw.note(key)
    return {**found, "epochs": 1, "deterministic": True} if exact else found


def _target(draw: Draw, pen: Objects, kind: str) -> tuple[Any, list[Any]]:
    losses, table = NUMBER_LOSSES, NUMBER_METRICS
    if kind == "classes" or (kind == "any" and draw.chance(0.5)):
        losses, table = CLASS_LOSSES, CLASS_METRICS
    elif kind == "binary":
        losses, table = _only(BINARY_LOSSES), {"accuracy": {}, "AUC": {"num_thresholds": (50,)}}
    elif kind == "number":
        losses = _only(DATA_LOSSES) | (plugin.LOSSES if pen.plugged else {})
    loss = pen.from_table("loss", losses)
    measured = draw.sample(sorted(table), 2)
    for name in measured:
        draw.note(f"metric {name}")
    metrics = [pen.written([name, "metric", draw.some(0.5, **table[name])]) for name in measured]
    return pen.written(loss), metrics


def _has_schedule(optimizer: Any) -> bool:
    return any(f"'{name}'" in str(optimizer) for name in SCHEDULES)


def _only(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {name: NUMBER_LOSSES[name] for name in names}


def _optimizer(draw: Draw, pen: Objects) -> Any:
    name = draw.one(sorted(OPTIMIZERS))
    draw.note(f"optimizer {name}")
    arguments = draw.some(0.5, **OPTIMIZERS[name])
    if draw.chance(0.4):
        arguments["learning_rate"] = draw.one((0.01, 0.1))
    elif draw.chance(0.5):
        schedule = draw.one(sorted(SCHEDULES))
        draw.note(f"schedule {schedule}")
        given = {key: draw.one(values) for key, values in SCHEDULES[schedule].items()}
        arguments["learning_rate"] = [schedule, "schedule", given]
    return pen.written([name, "optimizer", arguments])


def _callback(draw: Draw, pen: Objects, name: str) -> Any:
    draw.note(f"callback {name}")
    arguments = draw.some(0.5, **CALLBACKS[name])
    arguments |= {key: CALLBACKS[name][key][0] for key in REQUIRED.get(name, ())}
    if name in ("EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"):
        arguments["monitor"] = draw.one(("loss", "val_loss"))
    return pen.written([name, "callback", arguments])
