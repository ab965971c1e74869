"""Keras's own `fit` over several workers still fails (keras#20585); a test that fails here tells
that upstream has mended it: then the reason for a loop of our own (`train/execute.py`) is one less.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from workers.processes import PATIENCE, tf_configs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# As Keras's own guide writes it: a model made in the scope, a dataset that is divided by samples.
FIT = """\
import json
import keras
import numpy as np
import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
x, y = np.ones((32, 4), "float32"), np.ones((32, 1), "float32")
options = tf.data.Options()
options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(8).with_options(options)
try:
    model.fit(dataset, epochs=1, verbose=0)
    told = ""
except Exception as error:
    told = f"{type(error).__name__}: {error}"
print(json.dumps({"replicas": strategy.num_replicas_in_sync, "told": told}), flush=True)
"""


def test_fit_fails_over_two_workers() -> None:
    with ExitStack() as stack:
        processes = []
        for environment in tf_configs(2):
            process = subprocess.Popen(
                [sys.executable, "-c", FIT],
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append(process)
        said = [process.communicate(timeout=PATIENCE) for process in processes]
    for out, errors in said:
        assert out, errors[-3000:]
        found = json.loads(out.splitlines()[-1])
        assert found["replicas"] == 2  # else it is not of several workers
        assert "convert a value (PerReplica" in found["told"], found["told"]
