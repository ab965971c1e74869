"""What transfer brings: a small CNN learns five classes of images, then five others from few.

Trains once on five classes of CIFAR-10, then for each seed on 50 images of each of the other five:
from scratch, the head alone, two phases, gradual thawing. All have the same layers, optimizer,
epochs and batches. The accuracy is that of the last epoch on images that were never seen.

    python benchmarks/transfer.py FOLDER|ZIP [--seeds 3] [--source 2000] [--test 400] [--epochs 30]

FOLDER has a folder of JPEG images for each class (`cifar10/train`), ZIP holds one.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from statistics import mean

SHOTS = 50
MARGIN = 0.08  # fine-tuned has to be better by so much

BACKBONE = """
        layers:
          - Rescaling: {scale: "${1 / 127.5}", offset: -1}
          - stage: {filters: "${f}"}
            for: {f: [32, 64, 128]}
          - GlobalAveragePooling2D
"""
SPEC = """
modelforge: 1
name: transfer
data:
  train: {ImageFolder: {path: train, image_size: [32, 32]}}
  test: {ImageFolder: {path: test, image_size: [32, 32]}}
  batch_size: %(batch)d
  augment: [{RandomFlip: horizontal}]
blocks:
  stage:
    params: {filters: }
    layers:
      - Conv2D: {filters: "${filters}", kernel_size: 3, padding: same, use_bias: false}
      - BatchNormalization: {momentum: 0.9}  # few steps are enough for its averages
      - Activation: relu
      - Conv2D: {filters: "${filters}", kernel_size: 3, padding: same, use_bias: false}
      - BatchNormalization: {momentum: 0.9}  # few steps are enough for its averages
      - Activation: relu
      - MaxPooling2D
model:
  layers:
    - %(backbone)s
      name: backbone
    - Dense: {units: "${data.classes}", activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
  optimizer: {Adam: {learning_rate: 1e-3}}
  metrics: [SparseCategoricalAccuracy]
  seed: %(seed)d
%(train)s
"""


def ways(epochs: int) -> dict[str, str]:
    """What `train` says for each way, over the same number of epochs."""
    third, low = epochs // 3, "optimizer: {Adam: {learning_rate: 2e-4}}"
    rest = epochs - third
    head = f"    - {{name: head, epochs: {third}, freeze: backbone}}\n"

    def tuned(said: str) -> str:
        """The phase after the head alone; backbone and head as they are, not the best of `loss`."""
        more = f"{low}, start: last, batch_norm: inference"
        return f"    - {{name: tune, epochs: {rest}, {said}, {more}}}\n"

    gradual = (
        "thaw: {layers: backbone, "
        f'parts: ["backbone/stage.2/*", backbone], every: {max(1, rest // 2)}, after: 0}}'
    )
    return {
        "from scratch": f"  epochs: {epochs}",
        "head only": f"  epochs: {epochs}\n  freeze: backbone",
        "two phases": f"  phases:\n{head}{tuned('freeze: []')}",
        "gradual thawing": f"  phases:\n{head}{tuned(gradual)}",
    }


def divide(images: Path, folder: Path, source: int, test: int) -> None:
    """Writes `source/train`, `few/train` and their `test`: disjoint images, drawn once."""
    classes = sorted(path for path in images.iterdir() if path.is_dir())
    draw = random.Random(0)
    for number, path in enumerate(classes):
        files = sorted(path.glob("*.jpg"))
        draw.shuffle(files)
        name, count = ("source", source) if number % 2 == 0 else ("few", SHOTS)
        _copy(files[:test], folder / name / "test" / path.name)
        _copy(files[test : test + count], folder / name / "train" / path.name)


def _copy(files: list[Path], target: Path) -> None:
    target.mkdir(parents=True)
    for file in files:
        shutil.copy(file, target)


def trained(place: Path, run: Path, **parts: object) -> float:
    """Trains a spec beside its images into a run; the accuracy of its last epoch on `test`."""
    spec = place / f"{run.name}.yaml"
    spec.write_text(SPEC % parts, encoding="utf-8")
    _modelforge("train", str(spec), "--run", str(run), "--quiet")
    (run / "best.keras").unlink(missing_ok=True)  # that of the least training loss; not the last
    answer = json.loads(_modelforge("evaluate", str(run), "--on", "test", "--json"))
    return float(answer["metrics"]["sparse_categorical_accuracy"])


def _modelforge(*arguments: str) -> str:
    command = [sys.executable, "-m", "modelforge", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main() -> int:
    """Prints a row for each way; exit code 1 where two phases are not better by the margin."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--source", type=int, default=2000, help="images of a class")
    parser.add_argument("--test", type=int, default=400, help="images of a class")
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        divide(_unpacked(options.images, folder), folder, options.source, options.test)
        found = _measured(folder, options)
    for way, values in found.items():
        each = "  ".join(f"{value:.3f}" for value in values)
        print(f"{way:16}  {each}   mean {mean(values):.3f}")
    gain = mean(found["two phases"]) - mean(found["from scratch"])
    print(f"two phases are better than from scratch by {100 * gain:.1f} points")
    return int(gain < MARGIN)


def _unpacked(images: Path, folder: Path) -> Path:
    if images.is_dir():
        return images
    with zipfile.ZipFile(images) as archive:
        archive.extractall(folder / "images")
    return next(path.parent.parent for path in sorted((folder / "images").rglob("*.jpg")))


def _measured(folder: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    whole = "model:" + BACKBONE.rstrip()
    source = folder / "source-run"
    accuracy = trained(
        folder / "source", source, backbone=whole, seed=1, batch=64, train="  epochs: 10"
    )
    print(f"five classes of {options.source} images: accuracy {accuracy:.3f}", flush=True)
    load = f"load: {{path: {source / 'final.keras'}, until: backbone}}"
    found: dict[str, list[float]] = {}
    for way, train in ways(options.epochs).items():
        for seed in range(1, options.seeds + 1):
            backbone = whole if way == "from scratch" else load
            run = folder / f"{way.replace(' ', '-')}-{seed}"
            value = trained(
                folder / "few", run, backbone=backbone, seed=seed, batch=25, train=train
            )
            found.setdefault(way, []).append(value)
            print(f"{way} {seed}: {value:.3f}", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
