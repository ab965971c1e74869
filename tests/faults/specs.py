"""Five small models that between them have everything that a resumed run may lose."""

from __future__ import annotations

from pathlib import Path

import numpy as np

DENSE = """\
modelforge: 1
name: dense
data: {train: {NPZ: dense.npz}, validation: 0.25, batch_size: 8}
model:
  layers:
    - Dense: {units: 8, activation: relu}
    - Dropout: 0.3
    - Dense: {units: 3, activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: {learning_rate: {CosineDecay: {initial_learning_rate: 0.01, decay_steps: 60}}}}
  metrics: [accuracy]
  epochs: 8
  checkpoint: {every_steps: 2}
  deterministic: true
"""

CONVOLUTIONS = """\
modelforge: 1
name: convolutions
data:
  train: {NPZ: convolutions.npz}
  validation: 0.25
  batch_size: 8
  augment:
    - RandomFlip: horizontal
    - RandomTranslation: {height_factor: 0.2, width_factor: 0.2}
model:
  layers:
    - Conv2D: {filters: 4, kernel_size: 3}
    - BatchNormalization
    - ReLU
    - GlobalAveragePooling2D
    - Dropout: 0.2
    - Dense: {units: 3, activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {SGD: {learning_rate: 0.05, momentum: 0.9}}
  metrics: [accuracy]
  epochs: 8
  checkpoint: {every_steps: 1}
  deterministic: true
"""

RECURRENT = """\
modelforge: 1
name: recurrent
data: {train: {NPZ: recurrent.npz}, batch_size: 8}
model:
  layers:
    - LSTM: {units: 5, dropout: 0.2}
    - Dense: 1
train:
  loss: MeanSquaredError
  optimizer: {RMSprop: {learning_rate: 0.01, use_ema: true, ema_overwrite_frequency: 7}}
  metrics: [MeanAbsoluteError]
  epochs: 8
  checkpoint: {every_epochs: 3}
  deterministic: true
"""

OUTPUTS = """\
modelforge: 1
name: outputs
data:
  train: {NPZ: {path: outputs.npz, target: {kind: kind, size: {number: size}}}}
  validation: 0.25
  batch_size: 8
model:
  layers:
    - Dense: {units: 8, activation: relu}
      name: trunk
    - GaussianNoise: 0.1
    - Dense: {units: 3, activation: softmax}
      name: kind
    - Dense: 1
      name: size
      from: trunk
  outputs: [kind, size]
train:
  loss: {kind: SparseCategoricalCrossentropy, size: Huber}
  optimizer: {AdamW: {learning_rate: 0.05, gradient_accumulation_steps: 2}}
  metrics: {kind: [accuracy]}
  callbacks:
    - ReduceLROnPlateau: {monitor: val_kind_loss, mode: min, patience: 2, factor: 0.5}
    - EarlyStopping: {monitor: val_kind_loss, mode: min, patience: 3, restore_best_weights: true}
    - ModelCheckpoint:
        filepath: kept.keras
        monitor: val_kind_loss
        mode: min
        save_best_only: true
    - CSVLogger: rows.csv
  epochs: 12
  checkpoint: {every_epochs: 1, every_steps: 4}
  deterministic: true
"""

PHASES = """\
modelforge: 1
name: phases
data: {train: {NPZ: dense.npz}, validation: 0.25, batch_size: 8}
model:
  inputs: {rows: {shape: [6]}}
  layers:
    - model:
        inputs: {values: {shape: [6]}}
        layers:
          - Dense: {units: 8, activation: relu}
          - BatchNormalization
          - Dense: {units: 8, activation: relu}
            name: top
      name: backbone
    - Dropout: 0.3
    - Dense: {units: 3, activation: softmax}
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: 0.01}
  metrics: [accuracy]
  checkpoint: {every_steps: 2}
  deterministic: true
  phases:
    - name: head
      epochs: 9
      freeze: backbone
      callbacks: [{EarlyStopping: {monitor: val_loss, patience: 2, min_delta: 10}}]
    - name: tune
      epochs: 3
      freeze: {layers: backbone, except: top}
      optimizer: {SGD: {learning_rate: 0.05, momentum: 0.9}}
      callbacks: [{CSVLogger: rows.csv}]
      batch_size: 5
    - {name: whole, epochs: 3, start: last, callbacks: [{CSVLogger: rows.csv}]}
"""

SPECS = {
    "dense": DENSE,
    "convolutions": CONVOLUTIONS,
    "recurrent": RECURRENT,
    "outputs": OUTPUTS,
    "phases": PHASES,
}


def write_specs(folder: Path) -> dict[str, Path]:
    """Writes the specs and their data; the spec's file by its name."""
    _write_data(folder)
    for name, text in SPECS.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.yaml" for name in SPECS}


def _write_data(folder: Path) -> None:
    draw = np.random.default_rng(11)
    rows = draw.normal(size=(64, 6)).astype("float32")
    kinds = np.argmax(rows[:, :3], axis=1).astype("int32")
    size = (rows @ draw.normal(size=6)).astype("float32")
    images = draw.normal(size=(48, 6, 6, 2)).astype("float32")
    series = draw.normal(size=(48, 5, 3)).astype("float32")
    np.savez(folder / "dense.npz", x=rows, y=kinds)
    np.savez(folder / "convolutions.npz", x=images, y=np.arange(48) % 3)
    np.savez(folder / "recurrent.npz", x=series, y=series.sum(axis=(1, 2)))
    # Half of the kinds are wrong: the validation loss soon rises, and both callbacks have work.
    kinds = np.where(draw.random(64) < 0.5, kinds, draw.integers(0, 3, 64))
    np.savez(folder / "outputs.npz", x=rows, kind=kinds, size=size)
