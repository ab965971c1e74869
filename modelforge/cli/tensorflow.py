"""The one import of TensorFlow and Keras: late, quiet, and with a clear word where it fails."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from modelforge.findings import refuse

BACKEND = "tensorflow"

# What TensorFlow writes while it is imported and nobody can act on. TF_CPP_MIN_LOG_LEVEL does
# not reach these lines: they are written before TensorFlow's log is set up.
_NOISE = (
    b"oneDNN custom",
    b"absl::InitializeLog",
    b"cpu_feature_guard",
    b"To enable the following instructions",
    b"computation_placer",
    b"Unable to register cu",
    b"TF-TRT",
    b"cuda_drivers",
    b"failed call to cuInit",
    b"cudart_stub",
    b"cuda_executor",
)


def import_tensorflow(verbose: bool = False) -> None:
    """Imports TensorFlow and Keras; every verb of the TensorFlow side calls it first."""
    _check_backend()
    os.environ["KERAS_BACKEND"] = BACKEND
    if verbose:
        _import()
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _filtered_stderr():
        _import()


def _check_backend() -> None:
    asked = os.environ.get("KERAS_BACKEND", BACKEND)
    loaded = sys.modules.get("keras")
    if asked == BACKEND and (loaded is None or loaded.backend.backend() == BACKEND):
        return
    raise refuse(
        "keras-backend",
        f"ModelForge runs Keras on TensorFlow, but KERAS_BACKEND is `{asked}`",
        notes=["unset KERAS_BACKEND, or set it to `tensorflow`"],
    )


def _import() -> None:
    try:
        import keras  # noqa: F401
        import tensorflow as tf
    except ImportError as error:
        raise refuse(
            "tensorflow-missing",
            f"TensorFlow or Keras cannot be imported: {error}",
            notes=["`modelforge doctor` says what is installed and how to mend it"],
        ) from error
    tf.config.list_physical_devices()  # the rest of the noise comes when devices are looked for


@contextmanager
def _filtered_stderr() -> Iterator[None]:
    """Holds back file descriptor 2, which C++ writes to, and lets through what is no noise."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        before = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
            held.seek(0)
            lines = held.read().splitlines()
            kept = [line for line in lines if not any(noise in line for noise in _NOISE)]
            if kept:
                os.write(2, b"\n".join(kept) + b"\n")
