"""Which cluster this process belongs to, as far as its environment tells."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.workers.cluster import Cluster
from modelforge.workers.slurm import slurm_cluster
from modelforge.workers.tf_config import tf_config_cluster


def found_cluster(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster of TF_CONFIG, else that of a SLURM step; None where there is none of either.

    A cluster of one worker is none: it trains as if alone. Raises Refused for what is wrong.
    """
    cluster = tf_config_cluster(environment) or slurm_cluster(environment)
    return cluster if cluster is not None and cluster.size > 1 else None
