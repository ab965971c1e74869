"""`train.distribute` becomes a tf.distribute strategy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import tensorflow as tf

from modelforge.findings import listed, refuse
from modelforge.spec import Object
from modelforge.train.joining import join_workers
from modelforge.workers import Cluster, supervisor_link
from modelforge.workers.asked import MULTI_WORKER, cluster_of
from modelforge.workers.link import JOINING, PREPARING


@dataclass(frozen=True)
class Placement:
    """Where training runs.

    name: what the environment says. replicas: copies of the model, over all workers. devices: this
    worker's. strategy: None on a single device. worker: the number of this process among the
    workers, from 0.
    """

    name: str
    replicas: int
    devices: tuple[str, ...]
    strategy: Any = None
    worker: int = 0
    workers: int = 1

    @property
    def chief(self) -> bool:
        """Whether this process is the one that writes the run folder and talks to people."""
        return self.worker == 0

    def scope(self) -> AbstractContextManager[Any]:
        """The scope in which variables must be made."""
        return self.strategy.scope() if self.strategy is not None else nullcontext()


def place(distribute: Object) -> Placement:
    """The placement that the spec asks for; refused where a device is not there."""
    cluster = cluster_of(distribute.name, distribute.span, os.environ)
    if cluster is not None:
        return _over_workers(distribute, cluster)
    return place_here(distribute)


def place_here(distribute: Object) -> Placement:
    """The placement on this process's own devices; refused where one is not there."""
    asked = distribute.arguments.get("devices")
    if isinstance(asked, tuple):
        _divide_cpu(sum(_short(str(name)).startswith("CPU:") for name in asked))
    gpus = _names("GPU")
    if distribute.name == "none" or (distribute.name == "auto" and len(gpus) < 2):
        return Placement("none", 1, (gpus or _names("CPU"))[:1])
    devices = _devices(distribute, gpus)
    strategy = _mirrored(devices)
    return Placement("MirroredStrategy", strategy.num_replicas_in_sync, devices, strategy)


@cache
def _mirrored(devices: tuple[str, ...]) -> Any:
    # Two strategies of one process number their collective operations alike, and each then waits
    # for the other one's: over the same devices there is a single one.
    return tf.distribute.MirroredStrategy(list(devices))


def _over_workers(distribute: Object, cluster: Cluster) -> Placement:
    """The placement of one worker; it waits until TensorFlow has joined all of them."""
    link = supervisor_link()
    if link is not None:
        link.phase = JOINING
    strategy = join_workers(distribute, cluster)
    if link is not None:
        link.phase = PREPARING
    devices = _names("GPU") or _names("CPU")[:1]
    replicas = strategy.num_replicas_in_sync
    return Placement(MULTI_WORKER, replicas, devices, strategy, cluster.index, cluster.size)


def _devices(distribute: Object, gpus: Sequence[str]) -> tuple[str, ...]:
    asked = distribute.arguments.get("devices")
    if not isinstance(asked, tuple):
        return tuple(gpus) or _names("CPU")[:1]
    present = (*_names("GPU"), *_names("CPU"))
    names = tuple(_short(str(name)) for name in asked)
    span = distribute.span_of("devices")
    for index, name in enumerate(names):
        if name not in present:
            raise refuse(
                "unknown-device",
                f"this machine has no device `{name}`",
                span,
                notes=[f"devices: {listed(present)}"],
            )
        if name in names[:index]:
            raise refuse(
                "device-twice",
                f"the device `{name}` is named twice",
                span,
                hint="a device holds one replica: leave it out, or name another one",
            )
    return names


def _divide_cpu(count: int) -> None:
    """Makes as many CPU devices as are named: TensorFlow has a single one until it is told."""
    cpus = tf.config.list_physical_devices("CPU")
    if count < 2 or not cpus:
        return
    parts = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
    # Once TensorFlow runs it is too late; then the devices that there are must do.
    with suppress(RuntimeError, ValueError):
        tf.config.set_logical_device_configuration(cpus[0], parts)


def _names(kind: str) -> tuple[str, ...]:
    # Several workers see the devices of all of them: `/job:worker/replica:0/task:1/device:GPU:0`.
    every = (device.name for device in tf.config.list_logical_devices(kind))
    return tuple(dict.fromkeys(_short("device:" + name.rpartition("device:")[2]) for name in every))


def _short(name: str) -> str:
    """`/device:CPU:0` and `cpu:0` are `CPU:0`."""
    return ":".join(name.removeprefix("/").removeprefix("device:").upper().split(":"))
