"""TensorFlow's part of several workers: the strategy that joins them.

The coordination service of TensorFlow 2.21 ends processes by itself (LOG(FATAL)) once it misses
a worker. ModelForge's own watch knows more and says it better (`modelforge/workers`), so that
TensorFlow's is made the slower of the two; its setting is private and therefore guarded.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from modelforge.findings import refuse
from modelforge.spec import Object
from modelforge.workers import Cluster, Timeouts

_SLOWER = 4.0  # times our own heartbeat
_LATER = 30.0  # seconds after which TensorFlow gives up a step that our own watch has not


def join_workers(distribute: Object, cluster: Cluster) -> Any:
    """The strategy of this worker; it waits until all others make theirs."""
    timeouts = Timeouts.of(distribute.arguments)
    communication = str(distribute.arguments.get("communication", "auto"))
    if communication == "nccl" and not tf.config.list_physical_devices("GPU"):
        raise refuse(
            "nccl-without-gpus",
            "`communication: nccl` works between GPUs, and this worker has none",
            distribute.span_of("communication"),
            hint="use `ring`, or `auto`",
        )
    wait_longer(cluster, timeouts)
    options = tf.distribute.experimental.CommunicationOptions(
        implementation=tf.distribute.experimental.CommunicationImplementation[
            communication.upper()
        ],
        timeout_seconds=timeouts.step + _LATER,
    )
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.addresses)}),
        task_type="worker",
        task_id=cluster.index,
        num_accelerators={"GPU": len(tf.config.list_physical_devices("GPU"))},
        rpc_layer="grpc",
    )
    return tf.distribute.MultiWorkerMirroredStrategy(
        cluster_resolver=resolver, communication_options=options
    )


def wait_longer(cluster: Cluster, timeouts: Timeouts) -> bool:
    """Makes TensorFlow's own watch slower than ours; whether this TensorFlow lets us.

    It has to be called before the strategy is made, which keeps what is set.
    """
    try:
        from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2 as config
        from tensorflow.python.eager import context

        context.context().configure_coordination_service(
            service_type="standalone",
            service_leader="/job:worker/replica:0/task:0",
            heartbeat_timeout_in_ms=round(1000 * _SLOWER * timeouts.heartbeat),
            coordinated_jobs=[config.CoordinatedJob(name="worker", num_tasks=cluster.size)],
        )
    except (ImportError, AttributeError, TypeError):
        return False  # then TensorFlow's 10 seconds hold: its word comes before ours
    return True
