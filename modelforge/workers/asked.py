"""Whether a spec's `train.distribute` and the environment ask for several workers."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Span, refuse
from modelforge.workers.cluster import Cluster
from modelforge.workers.find import found_cluster

MULTI_WORKER = "MultiWorkerMirroredStrategy"
_ALLOWING = ("auto", MULTI_WORKER)


def cluster_of(strategy: str, span: Span | None, environment: Mapping[str, str]) -> Cluster | None:
    """The cluster that is to be trained on; None for this process alone.

    strategy: the word of `train.distribute`; span: its place. Raises Refused where the word needs
    a cluster and there is none, and for an environment that names one wrongly.
    """
    if strategy not in _ALLOWING:
        return None
    cluster = found_cluster(environment)
    if cluster is None and strategy == MULTI_WORKER:
        raise refuse(
            "no-workers",
            f"`{MULTI_WORKER}` trains with several workers, and nothing names them",
            span,
            notes=[
                "start them here with `--workers N`, or on several machines by `srun` or TF_CONFIG",
                "`distribute: auto` also trains on this machine alone: --set train.distribute=auto",
            ],
        )
    return cluster


def check_alone(strategy: str, span: Span | None, workers: int) -> None:
    """Refuses `--workers` where the spec wants none. workers: how many are asked for."""
    if workers > 1 and strategy not in _ALLOWING:
        raise refuse(
            "workers-not-wanted",
            f"--workers {workers} asks for several workers, and the spec for `{strategy}`",
            span,
            hint="with `--workers` use `auto`",
            notes=["for this run alone: --set train.distribute=auto"],
        )
