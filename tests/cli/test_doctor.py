"""`modelforge doctor`: what is broken is said, and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from modelforge.cli import checkup, devices

Run = Callable[..., Result]


def test_a_good_installation_is_fine(modelforge_command: Run) -> None:
    result = modelforge_command("doctor")
    assert result.exit_code == 0, result.stdout
    assert "TensorFlow and Keras import and compute" in result.stdout
    assert "everything that is needed is there" in result.stderr


def test_json_lists_every_check(modelforge_command: Run) -> None:
    found = json.loads(modelforge_command("doctor", "--json").stdout)
    names = [check["name"] for check in found["checks"]]
    assert {"python", "tensorflow", "keras", "numpy", "vocabulary", "devices", "disk"} <= set(names)
    assert len(names) == len(set(names))
    assert all(check["state"] in ("fine", "hint", "broken") for check in found["checks"])


def test_another_backend_is_broken_and_exits_with_one(
    modelforge_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    result = modelforge_command("doctor")
    assert result.exit_code == 1
    assert "set to `jax`" in result.stdout
    assert "unset KERAS_BACKEND, or set it to tensorflow" in result.stdout


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_other_pythons_are_broken(version: tuple[int, int]) -> None:
    check = checkup.check_python(version)
    assert check.state == "broken" and "3.11, 3.12 or 3.13" in check.mend[0]


def test_a_package_that_is_missing_or_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "installed", {"keras": "3.9.2"}.get)
    assert checkup.check_package("keras", (3, 15)).found == "3.9.2, older than 3.15"
    missing = checkup.check_package("tensorflow", (2, 21))
    assert (missing.state, missing.found) == ("broken", "missing")
    assert missing.mend == ("pip install 'tensorflow>=2.21'",)


def test_two_tensorflows_in_one_place_are_broken() -> None:
    both = {"tensorflow": "2.21.0", "tensorflow-cpu": "2.21.0"}
    check = checkup.check_distributions(both.get)
    assert check.state == "broken"
    assert check.found == "tensorflow and tensorflow-cpu are installed"
    assert check.mend[0].startswith("keep one: pip uninstall -y tensorflow tensorflow-cpu")
    assert checkup.check_distributions({"tensorflow-cpu": "2.21.0"}.get).state == "fine"


def test_little_space_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    assert checkup.check_space(tmp_path, free=10**9).state == "hint"
    assert checkup.check_space(tmp_path, free=10**10).state == "fine"
    assert checkup.check_folder(tmp_path).state == "fine"
    check = checkup.check_folder(tmp_path / "missing")
    assert check.state == "hint" and "cannot be written" in check.found


def test_a_gpu_that_tensorflow_cannot_use_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_has_nvidia", lambda: True)
    (check,) = devices.check_devices()
    assert check.state == "hint" and "there is an NVIDIA GPU, unused" in check.found
    assert check.mend


def test_a_gpu_on_which_xla_crashes_is_told() -> None:
    details = {"device_name": "RTX 5090", "compute_capability": (12, 0)}
    check = devices._gpu(details, "GPU:0")
    assert check.found == "RTX 5090, compute capability 12.0"
    assert "jit_compile: false" in check.mend[0]


def test_the_workers_that_the_environment_names() -> None:
    config = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}
    check = checkup.check_workers({"TF_CONFIG": json.dumps(config)})
    assert (check.state, check.found) == ("fine", "2, from TF_CONFIG; this is worker 1 (b:2)")
    assert "training is local" in checkup.check_workers({}).found


def test_a_wrong_tf_config_is_broken() -> None:
    check = checkup.check_workers({"TF_CONFIG": "{"})
    assert check.state == "broken"
    assert check.found.startswith("the environment variable TF_CONFIG is no JSON")
    assert "training runs on this machine alone" in check.mend[-1]
