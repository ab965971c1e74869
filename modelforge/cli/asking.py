"""`evaluate` and `predict` with several workers, each of which does a part of the work."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelforge.cli.together import (
    Worker,
    as_worker,
    started_here,
    watch,
    watched_arguments,
    workers_of,
)
from modelforge.findings import Findings, Refused

if TYPE_CHECKING:
    from modelforge.evaluate import TrainedRun
    from modelforge.evaluate.share import Share
    from modelforge.graph import Loaded
    from modelforge.runs import RunFolder
    from modelforge.workers import Cluster

_DEVICES = "train.distribute"


@dataclass
class Sharer:
    """This process as one that asks a run, of several or alone.

    overrides: of `train.distribute`. code: how the command ends; None where this process is still
    to do its part, and 0 where nothing else is said.
    """

    worker: Worker
    folder: RunFolder
    overrides: Sequence[str]
    code: int | None = None

    def open_run(self, threshold: float | None = None) -> TrainedRun:
        """The run, its model over the devices that are asked for; threshold: of labels."""
        from modelforge.evaluate import open_run

        return open_run(self.folder, spread=True, overrides=self.overrides, threshold=threshold)

    def share(self) -> Share:
        """This process's part of the work."""
        from modelforge.evaluate.share import ALONE, Share

        cluster = self.worker.cluster
        return Share(cluster.index, cluster.size, self.worker.link) if cluster else ALONE


@contextmanager
def sharing(context: click.Context) -> Iterator[Sharer]:
    """What asks RUN: this process alone, a worker, or (with a code) those that it watched."""
    from modelforge.runs import find_run

    overrides = context.params["overrides"]
    for override in overrides:
        if override.partition("=")[0].split(".")[:2] != _DEVICES.split("."):
            raise click.UsageError(
                f"A run is asked as it is: --set takes `{_DEVICES}` alone, not `{override}`."
            )
    with as_worker() as worker:
        folder = find_run(context.params["run"], context.params["runs"])
        sharer = Sharer(worker, folder, overrides)
        sharer.code = _watched(context, sharer)
        yield sharer
        worker.code = sharer.code or 0


def _watched(context: click.Context, sharer: Sharer) -> int | None:
    """Watches workers that do the work; how they end. None where this process does it."""
    from modelforge.workers.work import ASK

    if sharer.worker.link is not None:
        return None
    cluster = _workers(context, sharer)
    if cluster is None:
        return None
    if Path("-") in context.params.get("inputs", ()):
        raise click.UsageError("Standard input cannot be shared among workers: use --workers 1.")
    loaded = _loaded(sharer)
    arguments = watched_arguments(context, run=str(sharer.folder.path))
    return watch(loaded, cluster, arguments, ASK)


def _workers(context: click.Context, sharer: Sharer) -> Cluster | int | None:
    from modelforge.workers import found_cluster

    count = context.params["workers"]
    if count is not None:  # how a run was trained says nothing against workers that ask it
        return started_here(count) if count > 1 else None
    train = _loaded(sharer).spec.train if found_cluster(os.environ) is not None else None
    return workers_of(train.distribute, 1) if train is not None else None


def _loaded(sharer: Sharer) -> Loaded:
    from modelforge.graph import load
    from modelforge.runs.plugins import check_plugins

    findings = Findings()
    check_plugins(sharer.folder)
    loaded = load(str(sharer.folder.resolved), tuple(sharer.overrides), findings, allow_large=True)
    if loaded is None:
        raise Refused(findings.errors)
    return loaded
