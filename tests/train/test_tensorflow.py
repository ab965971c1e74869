"""The one import of TensorFlow is quiet, and refuses another backend with a word."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from modelforge.cli.tensorflow import import_tensorflow
from modelforge.findings import Refused


def test_another_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(Refused, match="KERAS_BACKEND is `jax`"):
        import_tensorflow()


def test_noise_is_held_back_and_the_rest_let_through() -> None:
    program = (
        "import os\n"
        "from modelforge.cli import tensorflow as t\n"
        "t._import = lambda: os.write(2, b'oneDNN custom operations\\nsomething new\\n')\n"
        "t.import_tensorflow()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stderr == b"something new\n"


@pytest.mark.slow
def test_the_real_import_says_nothing() -> None:
    program = (
        "from modelforge.cli.tensorflow import import_tensorflow; import_tensorflow()\n"
        "import tensorflow as tf; tf.constant(1) + 1\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stderr == ""
