"""The checks of `modelforge doctor` that import TensorFlow: does it work, and on which devices."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelforge.cli.check import BROKEN, FINE, HINT, Check

NEEDS_NO_XLA = 12  # compute capability: XLA of TensorFlow 2.21 crashes on it (tensorflow#111958)


def check_import() -> Check:
    """TensorFlow and Keras import and compute."""
    from modelforge.cli.tensorflow import import_tensorflow
    from modelforge.findings import ModelForgeError

    try:
        import_tensorflow(False)
        import keras
        import tensorflow as tf

        total = float(tf.reduce_sum(tf.ones((2, 2))))
        backend = keras.backend.backend()
    except ModelForgeError as error:
        return Check("import", BROKEN, error.findings[0].message, error.findings[0].notes)
    except Exception as error:  # a broken installation breaks in any way
        how = ("install anew into a fresh environment: pip install -c constraints.txt .",)
        return Check("import", BROKEN, f"{type(error).__name__}: {error}".splitlines()[0], how)
    if total != 4 or backend != "tensorflow":
        return Check("import", BROKEN, f"Keras runs on {backend}", ("unset KERAS_BACKEND",))
    return Check("import", FINE, "TensorFlow and Keras import and compute")


def check_vocabulary() -> Check:
    """The committed vocabulary describes the installed Keras."""
    from modelforge.catalog import load_catalog, version_finding

    finding = version_finding(load_catalog())
    if finding is None:
        return Check("vocabulary", FINE, "matches the installed Keras")
    return Check("vocabulary", HINT, finding.message, finding.notes)


def check_devices() -> list[Check]:
    """What training will run on."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return [_gpu(tf.config.experimental.get_device_details(gpu), gpu.name) for gpu in gpus]
    cpus = len(tf.config.list_physical_devices("CPU"))
    found = f"CPU only ({cpus} device{'s' if cpus != 1 else ''})"
    if not _has_nvidia():
        return [Check("devices", FINE, found)]
    built = bool(tf.sysconfig.get_build_info().get("is_cuda_build"))
    return [Check("devices", HINT, f"{found}; there is an NVIDIA GPU, unused", _why(built))]


def _gpu(details: dict[str, Any], name: str) -> Check:
    capability = details.get("compute_capability", (0, 0))
    found = f"{details.get('device_name', name)}, compute capability {_dotted(capability)}"
    if capability[0] >= NEEDS_NO_XLA:
        how = ("XLA may crash on it: write `jit_compile: false` under `train`",)
        return Check("devices", HINT, found, how)
    return Check("devices", FINE, found)


def _has_nvidia() -> bool:
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def _why(built_for_cuda: bool) -> tuple[str, ...]:
    if not built_for_cuda:
        return ("this TensorFlow is built without CUDA; on Linux: pip install tensorflow",)
    return (
        "TensorFlow finds no CUDA libraries: pip install 'modelforge-keras[gpu]'",
        "or none is visible: CUDA_VISIBLE_DEVICES must not be empty or -1",
    )


def _dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)
