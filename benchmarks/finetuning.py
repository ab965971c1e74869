"""Frozen features against the same training written by hand in Keras: how much faster, how equal.

A head on a frozen MobileNetV2 over JPEG files, and the same with its top block thawed, for 10
epochs each: by `modelforge train`, by it without frozen features, and by hand with what Keras's
guides show (`tf.data` with parallel decoding and prefetching, `base(x, training=False)`, `fit`).
Each is a process of its own; what is compared is the time from the first look at the data to the
last epoch, without the start of Python and TensorFlow. Nothing is downloaded: the pictures are
random, and so are the weights, with statistics of these pictures.

    python benchmarks/finetuning.py [--images 2000] [--size 160] [--epochs 10] [--rounds 1]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

CLASSES = 5
HEAD, TOP = "head", "top block thawed"
LEAST = {HEAD: 4.0, TOP: 2.2}  # times faster than by hand
CLOSE = 1e-4  # losses with and without features, relative
FIRST_OF_TOP = "block_16_expand"
WEIGHTS = "mobilenet.weights.h5"

SPEC = """
modelforge: 1
name: finetuning
data:
  train: {ImageFolder: {path: images, image_size: [%(size)d, %(size)d]}}
  batch_size: 32
model:
  layers:
    - MobileNetV2: {weights: mobilenet.weights.h5, include_top: false, preprocessing: tf}
      name: backbone
    - GlobalAveragePooling2D
    - Dense: {units: 5, activation: softmax}
      name: head
train:
  loss: SparseCategoricalCrossentropy
  metrics: [accuracy]
  optimizer: {Adam: 1e-3}
  epochs: %(epochs)d
  freeze: %(freeze)s
"""
# The top block is from the expansion of block 16 to the end of the network.
FREEZE = {HEAD: "backbone", TOP: '{layers: backbone, except: ["block_16_*", Conv_1, Conv_1_bn]}'}

# Without statistics of its own, each layer would make the numbers smaller, and the features zero.
MAKE_WEIGHTS = """
import sys
import keras

folder, weights, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
keras.utils.set_random_seed(1)
data = keras.utils.image_dataset_from_directory(
    folder, image_size=(size, size), batch_size=64, seed=0, verbose=False
)
base = keras.applications.MobileNetV2(
    weights=None, include_top=False, input_shape=(size, size, 3)
)
for layer in base.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.momentum = 0.0
for images, _ in data.take(1):
    base(keras.applications.mobilenet_v2.preprocess_input(images), training=True)
base.save_weights(weights)
print("{}")
"""

OWN = """
import json, sys, time
import tensorflow as tf
import keras
from modelforge.findings import Findings
from modelforge.runs import RunFolder, read_history
from modelforge.train import train
from modelforge.train.prepare import prepare_model
from pathlib import Path

spec, run, features = sys.argv[1:]
began, worked = time.monotonic(), time.process_time()
prepared = prepare_model(spec, [f"train.frozen_features={features}"], Findings())
outcome = train(prepared, RunFolder.create_at(Path(run)))
took, worked = time.monotonic() - began, time.process_time() - worked
rows = read_history(outcome.folder.path)
print(json.dumps({"seconds": took, "worked": worked, "losses": [row["loss"] for row in rows],
                  "epochs": [row["seconds"] for row in rows]}))
"""

BY_HAND = """
import json, sys, time
import tensorflow as tf
import keras

folder, weights, thawed = sys.argv[1:4]
size, epochs = map(int, sys.argv[4:])
began, worked = time.monotonic(), time.process_time()
keras.utils.set_random_seed(0)
data = keras.utils.image_dataset_from_directory(
    folder, image_size=(size, size), batch_size=32, seed=0, verbose=False
).prefetch(tf.data.AUTOTUNE)
base = keras.applications.MobileNetV2(
    weights=None, include_top=False, input_shape=(size, size, 3)
)
base.load_weights(weights)
base.trainable = False
if thawed:
    base.trainable = True
    above = False
    for layer in base.layers:
        above = above or layer.name == thawed
        layer.trainable = above and not isinstance(layer, keras.layers.BatchNormalization)
image = keras.Input((size, size, 3))
x = keras.applications.mobilenet_v2.preprocess_input(image)
x = base(x, training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
model = keras.Model(image, keras.layers.Dense(5, activation="softmax")(x))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
found = model.fit(data, epochs=epochs, verbose=0)
took, worked = time.monotonic() - began, time.process_time() - worked
print(json.dumps({"seconds": took, "worked": worked, "losses": found.history["loss"]}))
"""


def main() -> int:
    """Measures, prints and compares; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        draw_images(folder / "images", asked.images, asked.size)
        run_alone(MAKE_WEIGHTS, str(folder / "images"), str(folder / WEIGHTS), str(asked.size))
        print(f"{asked.images} JPEG files, {asked.size} x {asked.size}, {asked.epochs} epochs")
        good = [compare(case, folder, asked) for case in FREEZE]
    return 0 if all(good) else 1


def compare(case: str, folder: Path, asked: argparse.Namespace) -> bool:
    """One case: all three ways, one after the other in each round."""
    spec = folder / "spec.yaml"
    told = {"size": asked.size, "epochs": asked.epochs, "freeze": FREEZE[case]}
    spec.write_text(SPEC % told, encoding="utf-8")
    ways: dict[str, list[dict[str, object]]] = {"by hand": [], "without features": [], "own": []}
    thawed = FIRST_OF_TOP if case == TOP else ""
    for number in range(asked.rounds):
        run = folder / f"run-{case.split()[0]}-{number}"
        hand = (str(folder / "images"), str(folder / WEIGHTS), thawed)
        ways["by hand"].append(run_alone(BY_HAND, *hand, str(asked.size), str(asked.epochs)))
        ways["own"].append(run_alone(OWN, str(spec), str(run), "auto"))
        plain = (str(spec), f"{run}-plain", "none")
        ways["without features"].append(run_alone(OWN, *plain))
    return report(case, ways)


def report(case: str, ways: dict[str, list[dict[str, object]]]) -> bool:
    """Prints a case; whether it is fast and equal enough."""
    seconds, worked = (
        {way: median(float(str(it[key])) for it in found) for way, found in ways.items()}
        for key in ("seconds", "worked")
    )
    own, plain = (np.array(ways[way][0]["losses"]) for way in ("own", "without features"))
    apart = float(np.max(np.abs(own - plain) / np.abs(plain)))
    ratio = seconds["by hand"] / seconds["own"]
    print(f"\n{case}")
    for way, took in seconds.items():
        print(f"  {way:18} {took:7.1f} s, {worked[way]:7.1f} s of the processors")
    of_processors = worked["by hand"] / worked["own"]
    print(
        f"  faster than by hand: {ratio:.2f} times (at least {LEAST[case]}); "
        f"in the time of the processors, which other programs disturb less: {of_processors:.2f}"
    )
    print(f"  losses with and without features: {apart:.1e} apart, relative (at most {CLOSE:g})")
    return ratio >= LEAST[case] and apart <= CLOSE


def run_alone(program: str, *arguments: str) -> dict[str, object]:
    """What a program prints last, run in a process of its own."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    print(f"  ({time.monotonic() - began:.0f} s with the start)", file=sys.stderr)
    return found


def draw_images(folder: Path, count: int, size: int) -> None:
    """JPEG files of soft spots of colour, a folder for each class, which has a hue of its own."""
    import tensorflow as tf

    generator = np.random.default_rng(7)
    for number in range(count):
        of = number % CLASSES
        spots = generator.uniform(0, 160, (1, 8, 8, 3)).astype("float32")
        spots[..., of % 3] += 60 + 10 * of
        image = tf.image.resize(spots, (size, size), "bicubic")[0]
        image += generator.normal(0, 8, image.shape)
        encoded = tf.io.encode_jpeg(tf.cast(tf.clip_by_value(image, 0, 255), tf.uint8), quality=90)
        path = folder / f"class-{of}" / f"{number:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded.numpy())


if __name__ == "__main__":
    sys.exit(main())
