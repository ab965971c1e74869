"""The environment variable TF_CONFIG: the addresses of all workers and this one's place.

https://www.tensorflow.org/guide/distributed_training#TF_CONFIG
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from modelforge.findings import ModelForgeError, counted, listed, refuse
from modelforge.workers.cluster import Cluster, is_address, twice

VARIABLE = "TF_CONFIG"
# Workers in their order: a `chief` is the first of them.
_TYPES = ("chief", "worker")
_EXAMPLE = (
    'for example {"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


def tf_config_cluster(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster that TF_CONFIG names; None where it is not set or names none."""
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    config = _parsed(text)
    cluster = config.get("cluster")
    if cluster is None or cluster == {}:
        return None
    by_type = _addresses(cluster)
    kind, index = _task(config.get("task"), by_type)
    every = tuple(address for kind_ in _TYPES for address in by_type.get(kind_, ()))
    again = twice(every)
    if again is not None:
        raise _wrong(f"names the address `{again}` twice")
    first = len(by_type.get("chief", ())) if kind == "worker" else 0
    return Cluster(every, first + index, VARIABLE)


def _parsed(text: str) -> dict[str, Any]:
    try:
        config = json.loads(text)
    except ValueError as error:
        told = str(error).partition(":")[0]
        where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise _wrong(f"is no JSON: {told[:1].lower()}{told[1:]}{where}", _EXAMPLE) from None
    except RecursionError:
        raise _wrong("is nested too deeply", _EXAMPLE) from None
    if not isinstance(config, dict):
        raise _wrong(f"has to be a JSON object, not {_kind(config)}", _EXAMPLE)
    return config


def _addresses(cluster: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(cluster, dict):
        raise _wrong(f"has {_kind(cluster)} for `cluster`, where an object belongs", _EXAMPLE)
    for kind in cluster:
        if kind not in _TYPES:
            raise _wrong(
                f"names tasks of the type `{kind}`",
                "only `worker` (and `chief`, the first of them) train together: parameter "
                "servers and evaluators are not supported",
            )
    for kind, addresses in cluster.items():
        if not isinstance(addresses, list) or not addresses:
            raise _wrong(f"has no list of addresses for `{kind}`", _EXAMPLE)
        for address in addresses:
            if not is_address(address):
                raise _wrong(
                    f"has {json.dumps(address)[:100]} among the addresses of `{kind}`, "
                    "where `host:port` belongs"
                )
    if len(cluster.get("chief", ())) > 1:
        raise _wrong("names two chiefs", "there is one `chief` at most, or none: then worker 0 is")
    return {kind: tuple(addresses) for kind, addresses in cluster.items()}


def _task(task: Any, by_type: Mapping[str, tuple[str, ...]]) -> tuple[str, int]:
    """The type and the index of this process's own task."""
    if not isinstance(task, dict) or "type" not in task or "index" not in task:
        raise _wrong(
            "names a cluster, but not this process's own place in it",
            'it needs `task` too, such as "task": {"type": "worker", "index": 0}',
        )
    kind, index = task["type"], task["index"]
    if kind not in by_type:
        raise _wrong(
            f"says that this is a `{kind}`, and the cluster has none",
            f"types in the cluster: {listed(by_type)}",
        )
    number = int(index) if isinstance(index, str) and index.isdecimal() else index
    if isinstance(number, bool) or not isinstance(number, int):
        raise _wrong(f"has {_kind(index)} for `task.index`, where a whole number belongs")
    count = len(by_type[kind])
    if not 0 <= number < count:
        raise _wrong(
            f"says that this is {kind} {number}, and the cluster has {counted(count, kind)}",
            f"`task.index` counts from 0: it is at most {count - 1}",
        )
    return str(kind), number


def _wrong(what: str, *notes: str) -> ModelForgeError:
    return refuse(
        "tf-config",
        f"the environment variable {VARIABLE} {what}",
        notes=[*notes, f"without {VARIABLE} training runs on this machine alone"],
    )


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")
