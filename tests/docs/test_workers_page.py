"""The examples of docs/workers.md name the workers that the page says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelforge.findings import Findings
from modelforge.graph import load
from modelforge.workers import Timeouts, found_cluster

PAGE = (Path(__file__).parents[2] / "docs" / "workers.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return found


def stand_in(folder: Path, name: str) -> dict[str, str]:
    """An environment in which a command only tells its arguments and its TF_CONFIG."""
    program = folder / name
    program.write_text('#!/bin/sh\necho "$0 $@"\necho "TF_CONFIG=$TF_CONFIG"\n', encoding="utf-8")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def test_the_variable_of_the_page_names_two_workers() -> None:
    (line,) = re.findall(r"export TF_CONFIG='(.*)'", PAGE)
    cluster = found_cluster({"TF_CONFIG": line})
    assert cluster is not None
    assert (cluster.size, cluster.index) == (2, 0)


@pytest.mark.parametrize("index", [0, 1])
def test_the_pods_of_the_job_are_the_workers(tmp_path: Path, index: int) -> None:
    service, job = yaml.safe_load_all(next(it for it in blocks("yaml") if "kind: Job" in it))
    pod = job["spec"]["template"]["spec"]
    assert pod["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}
    assert job["spec"]["completions"] == job["spec"]["parallelism"]
    (container,) = pod["containers"]
    environment = {**stand_in(tmp_path, "modelforge"), "JOB_COMPLETION_INDEX": str(index)}
    done = subprocess.run(
        [*container["command"], *container["args"]],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    command, config = done.stdout.splitlines()
    assert command.endswith("train /shared/digits.yaml --run /shared/digits")
    cluster = found_cluster({"TF_CONFIG": config.removeprefix("TF_CONFIG=")})
    assert cluster is not None and cluster.index == index
    names = [it.partition(":")[0] for it in cluster.addresses]
    expected = f"{job['metadata']['name']}-{{}}.{service['metadata']['name']}"
    assert names == [expected.format(i) for i in range(job["spec"]["completions"])]
    assert {it.rpartition(":")[2] for it in cluster.addresses} == {
        str(container["ports"][0]["containerPort"])
    }


def test_the_batch_script_starts_once_and_then_resumes(tmp_path: Path) -> None:
    (script,) = [it for it in blocks("bash") if "#SBATCH" in it]
    environment = {**stand_in(tmp_path, "srun"), "SLURM_JOB_ID": "17"}

    def said() -> str:
        done = subprocess.run(
            ["bash", "-c", script],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=tmp_path,
        )
        assert not done.stderr
        return done.stdout

    assert "modelforge train specs/digits.yaml --run runs/digits-17\n" in said()
    (tmp_path / "runs" / "digits-17").mkdir(parents=True)
    assert "modelforge train --resume runs/digits-17\n" in said()


def test_the_times_of_the_page(tmp_path: Path) -> None:
    (text,) = [it for it in blocks("yaml") if "start_timeout" in it]
    (tmp_path / "patient.yaml").write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(tmp_path / "patient.yaml"), (), findings)
    assert loaded is not None and not findings.errors
    assert loaded.spec.train is not None
    times = Timeouts.of(loaded.spec.train.distribute.arguments)
    assert times == Timeouts(start=600, step=1200, heartbeat=30)


def test_the_defaults_are_those_of_the_table(catalog: Any) -> None:
    word = catalog.find("MultiWorkerMirroredStrategy", "strategy")
    for name in ("start", "step", "heartbeat"):
        argument = word.argument(f"{name}_timeout")
        assert argument.default == getattr(Timeouts(), name)
        assert f"`{name}_timeout`: {argument.default} s" in PAGE
