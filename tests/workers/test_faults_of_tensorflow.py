"""Why workers are watched from outside: what TensorFlow 2.21 does by itself.

A test here is red once TensorFlow has mended the fault; then what stands in for it can go.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workers.processes import PATIENCE, tf_configs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ALONE = """\
import tensorflow as tf
print("joining", flush=True)
tf.distribute.MultiWorkerMirroredStrategy()
print("joined", flush=True)
"""


def test_it_waits_without_end_for_a_worker_that_never_comes(tmp_path: Path) -> None:
    """... and SIGTERM does not end it: `workers/meeting.py` waits first, and for a given time."""
    said = tmp_path / "said.txt"
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", ALONE],
            env={**os.environ, **tf_configs(2)[0]},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + PATIENCE
        while "joining" not in said.read_text() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(10)
        process.send_signal(signal.SIGTERM)
        time.sleep(10)
        assert process.poll() is None, said.read_text()
        assert "joined" not in said.read_text()
    finally:
        process.kill()
        process.wait()
