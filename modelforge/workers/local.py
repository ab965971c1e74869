"""`--workers N`: a cluster on this machine alone, with ports and GPUs for each worker."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from modelforge.findings import counted, refuse
from modelforge.workers.cluster import HERE, Cluster

GPUS = "CUDA_VISIBLE_DEVICES"


def local_clusters(count: int) -> list[Cluster]:
    """One place for each worker, at ports that are free now."""
    with ExitStack() as stack:
        doors = [stack.enter_context(socket.socket()) for _ in range(count)]
        for door in doors:
            door.bind((HERE, 0))
        addresses = tuple(f"{HERE}:{door.getsockname()[1]}" for door in doors)
    return [Cluster(addresses, index, "--workers") for index in range(count)]


def divided_gpus(count: int, environment: Mapping[str, str]) -> list[dict[str, str]]:
    """For each worker the variable that leaves it its share of the GPUs; empty without GPUs.

    Two processes cannot exchange gradients over one GPU (NCCL refuses), and each takes all memory.
    """
    gpus = _gpus(environment)
    if not gpus:
        return [{} for _ in range(count)]
    if len(gpus) < count:
        raise refuse(
            "too-few-gpus",
            f"{counted(count, 'worker')} need a GPU each, and this machine has {len(gpus)}",
            notes=[f"start fewer, or use the CPU: {GPUS}= modelforge ..."],
        )
    share = len(gpus) // count
    return [{GPUS: ",".join(gpus[i * share : (i + 1) * share])} for i in range(count)]


def _gpus(environment: Mapping[str, str]) -> list[str]:
    """The names of the GPUs as CUDA counts them, without asking TensorFlow."""
    named = environment.get(GPUS)
    if named is not None:
        # CUDA takes no GPU from the first name on that is none, such as -1.
        names = [name.strip() for name in named.split(",")]
        end = next((i for i, name in enumerate(names) if name in ("", "-1")), len(names))
        return names[:end]
    found = [p for p in _listed(Path("/dev")) if re.fullmatch(r"nvidia\d+", p)]
    return [str(number) for number in range(len(found))]


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
