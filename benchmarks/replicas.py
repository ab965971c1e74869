"""Two replicas, and two workers, against one process with the same global batch.

Four specs are trained for 100 steps: batches of 75 are divided as 38 and 37 samples, and the last
one of each epoch (13) as 7 and 6. Dropout is off and batch normalization synchronized, so that all
should learn the same; `--chance` turns both on, where only replicas and workers can be compared.
Replicas are logical CPUs of one process, workers are processes on this machine.

    python benchmarks/replicas.py [--steps 100] [--ways one,replicas,workers] [--chance]
        [--specs "convolutions,two outputs"] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

HEAD = """\
modelforge: 1
name: {name}
data:
  train: Digits
  validation: 0.2
  batch_size: 75
"""
TAIL = """\
train:
  loss: SparseCategoricalCrossentropy
  metrics: [SparseCategoricalAccuracy]
  optimizer: {{SGD: {{learning_rate: 0.05, momentum: 0.9}}}}
  epochs: {epochs}
"""
DENSE = """\
model:
  layers:
    - Rescaling: {{scale: "${{1 / 16}}"}}
    - Flatten
    - Dense: {{units: 64, activation: relu}}
    - Dropout: {rate}
    - Dense: {{units: "${{data.classes}}", activation: softmax}}
"""
CONVOLUTIONS = """\
  augment:
    - RandomTranslation: {{height_factor: 0.1, width_factor: 0.1}}
model:
  layers:
    - Rescaling: {{scale: "${{1 / 16}}"}}
    - Conv2D: {{filters: 8, kernel_size: 3, padding: same, use_bias: false}}
    - BatchNormalization: {{synchronized: {synchronized}, momentum: 0.9}}
    - Activation: relu
    - MaxPooling2D
    - Conv2D: {{filters: 16, kernel_size: 3, use_bias: false}}
    - BatchNormalization: {{synchronized: {synchronized}, momentum: 0.9}}
    - Activation: relu
    - GlobalAveragePooling2D
    - Dropout: {rate}
    - Dense: {{units: "${{data.classes}}", activation: softmax}}
"""
RECURRENT = """\
model:
  layers:
    - Rescaling: {{scale: "${{1 / 16}}"}}
    - Reshape: [8, 8]
    - LSTM: 24
    - Dropout: {rate}
    - Dense: {{units: "${{data.classes}}", activation: softmax}}
"""
TWO_OUTPUTS = """\
  target: {{decoded: inputs}}
model:
  layers:
    - Rescaling: {{scale: "${{1 / 16}}"}}
    - Flatten
    - Dense: {{units: 48, activation: relu}}
    - Dropout: {rate}
      name: code
    - Dense: {{units: "${{data.classes}}", activation: softmax}}
      name: digit
    - Dense: {{units: 64, activation: sigmoid}}
      from: code
    - Reshape: {{target_shape: "${{data.shape}}"}}
      name: decoded
  outputs: [digit, decoded]
train:
  loss: {{digit: SparseCategoricalCrossentropy, decoded: MeanAbsoluteError}}
  loss_weights: {{digit: 1.0, decoded: 0.05}}
  metrics: {{digit: [SparseCategoricalAccuracy], decoded: [MeanSquaredError]}}
  class_weight: {{digit: balanced}}
  optimizer: {{Adam: 1e-3}}
  epochs: {epochs}
  callbacks:
    - ReduceLROnPlateau: {{monitor: val_digit_loss, mode: min, patience: 1, min_delta: 0.5}}
    - EarlyStopping: {{monitor: val_loss, patience: 3, restore_best_weights: true}}
"""
SPECS = {
    "dense": HEAD + DENSE + TAIL,
    "convolutions": HEAD + CONVOLUTIONS + TAIL,
    "recurrent": HEAD + RECURRENT + TAIL,
    "two outputs": HEAD + TWO_OUTPUTS,
}
STEPS_PER_EPOCH = 20
WAYS = {
    "one": "none",
    "replicas": "{MirroredStrategy: {devices: ['CPU:0', 'CPU:1']}}",
    "workers": "auto",  # each process is told by TF_CONFIG
}


class Watch:
    """Keeps the losses of all steps and the values of all epochs."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.epochs: list[dict[str, float]] = []

    def begun(self) -> bool:
        """No checkpoint is put back."""
        return False

    def validating(self, position: Any, step: int) -> None:
        """Nothing."""

    def step_done(self, position: Any, logs: Mapping[str, Any]) -> None:
        """Keeps the loss."""
        self.losses.append(float(logs["loss"]))

    def epoch_done(self, epochs: int, values: dict[str, float]) -> None:
        """Keeps the values."""
        self.epochs.append(values)


def trained(text: str, way: str) -> dict[str, Any]:
    """What a spec comes to in one of the ways: losses, values by epoch, variables by path."""
    import keras

    from modelforge.findings import Findings
    from modelforge.train.callbacks import make_callbacks
    from modelforge.train.position import Position
    from modelforge.train.prepare import prepare_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(text, encoding="utf-8")
        prepared = prepare_model(str(path), [f"train.distribute={WAYS[way]}"], Findings())
        made = [it for _, it in make_callbacks(prepared.train.callbacks, Path(folder))]
        watch = Watch()
        listed = keras.callbacks.CallbackList(made, add_history=True, model=prepared.model)
        prepared.execution.run(listed, watch, Position(), prepared.epochs)
    variables = {it.path: np.asarray(it.value) for it in prepared.model.variables}
    return {
        "replicas": prepared.placement.replicas,
        "losses": watch.losses,
        "epochs": watch.epochs,
        "rate": float(np.asarray(prepared.model.optimizer.learning_rate)),
        "variables": {
            name: values.astype(float).ravel().tolist()
            for name, values in variables.items()
            if values.dtype.kind == "f"
        },
    }


def run(way: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Trains all specs in one way, in a process of its own; workers join for one spec only."""
    if way != "workers":
        return _run(way, texts)
    return {name: _run(way, {name: text})[name] for name, text in texts.items()}


def _run(way: str, texts: Mapping[str, str]) -> dict[str, Any]:
    count = 2 if way == "workers" else 1
    ports = _free_ports(count)
    workers = [f"127.0.0.1:{port}" for port in ports]
    running = []
    for index in range(count):
        environment = {key: value for key, value in os.environ.items() if key != "TF_CONFIG"}
        if way == "workers":
            task = {"type": "worker", "index": index}
            environment["TF_CONFIG"] = json.dumps({"cluster": {"worker": workers}, "task": task})
        command = [sys.executable, __file__, "--train", way]
        running.append(
            subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if index else None,
                text=True,
            )
        )
    try:
        for process in running:
            assert process.stdin is not None
            process.stdin.write(json.dumps(texts))
            process.stdin.close()
            process.stdin = None
        told = [process.communicate(timeout=1800)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    if any(process.returncode for process in running):
        raise RuntimeError(f"{way}: training failed, see above")
    result: dict[str, Any] = json.loads(told[0].splitlines()[-1])
    for other in told[1:]:
        if json.loads(other.splitlines()[-1]) != result:
            raise SystemExit("the workers do not have the same losses, values and variables")
    return result


def compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, float]:
    """The greatest differences of losses, values of epochs, weights, and batch statistics.

    Losses and values above 1 are compared as ratios.
    """
    values = [
        _apart(a[name], b[name])
        for a, b in zip(one["epochs"], other["epochs"], strict=True)
        for name in a
    ]
    apart = {
        name: float(np.abs(np.subtract(one["variables"][name], other["variables"][name])).max())
        for name in one["variables"]
    }
    moving = [name for name in apart if "moving" in name]
    losses = zip(one["losses"], other["losses"], strict=True)
    return {
        "steps": len(one["losses"]),
        "losses": max(_apart(a, b) for a, b in losses),
        "values": max(values),
        "weights": max(apart[name] for name in apart if name not in moving),
        "statistics": max((apart[name] for name in moving), default=0.0),
    }


def _apart(one: float, other: float) -> float:
    return abs(one - other) / max(1.0, abs(one))


def filled_specs(specs: Sequence[str], steps: int, chance: bool = False) -> dict[str, str]:
    """The texts of specs that make so many steps; chance: with dropout, each replica normalized."""
    return {
        name: SPECS[name].format(
            name=name.replace(" ", "-"),
            epochs=steps // STEPS_PER_EPOCH,
            rate=0.3 if chance else 0.0,
            synchronized=str(not chance).lower(),
        )
        for name in specs
    }


def compare(
    specs: Sequence[str], ways: Sequence[str], steps: int, chance: bool
) -> list[dict[str, Any]]:
    """A row for each spec and each way but the first, against the first."""
    filled = filled_specs(specs, steps, chance)
    results = {way: run(way, filled) for way in ways}
    first = ways[0]
    return [
        {"spec": name, "way": way, **compared(results[first][name], results[way][name])}
        for name in filled
        for way in ways[1:]
    ]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [it.getsockname()[1] for it in sockets]
    for it in sockets:
        it.close()
    return ports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--ways", default="one,replicas")
    parser.add_argument("--chance", action="store_true")
    parser.add_argument("--specs", default=",".join(SPECS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--train", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.train:
        texts = json.loads(sys.stdin.read())
        print(json.dumps({name: trained(text, asked.train) for name, text in texts.items()}))
        return
    specs, ways = asked.specs.split(","), asked.ways.split(",")
    rows = compare(specs, ways, asked.steps, asked.chance)
    if asked.json:
        print(json.dumps(rows))
        return
    names = ("losses", "values", "weights", "statistics")
    print(f"greatest differences from `{ways[0]}`")
    print(f"{'spec':14}{'way':10}{'steps':>6}" + "".join(f"{name:>12}" for name in names))
    for row in rows:
        told = "".join(f"{row[name]:12.1e}" for name in names)
        print(f"{row['spec']:14}{row['way']:10}{row['steps']:6}{told}")


if __name__ == "__main__":
    main()
