"""A cluster: the addresses of all workers, and which of them this process is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

HERE = "127.0.0.1"  # where the workers of `--workers` meet


@dataclass(frozen=True, slots=True)
class Cluster:
    """Workers that train together.

    addresses: `host:port` of each, the chief's first. index: this one's place among them.
    source: where it was read from (`TF_CONFIG`, `SLURM`), as messages say it.
    """

    addresses: tuple[str, ...]
    index: int
    source: str

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.addresses)

    @property
    def chief(self) -> bool:
        """Whether this is the worker that writes the run folder."""
        return self.index == 0

    @property
    def here(self) -> bool:
        """Whether `--workers` starts such a cluster again: all workers are on this machine."""
        return all(split_address(address)[0] == HERE for address in self.addresses)

    def named(self, index: int) -> str:
        """A worker as messages name it."""
        return f"worker {index} ({self.addresses[index]})"

    def tf_config(self) -> str:
        """What TensorFlow reads from TF_CONFIG; all are of the type `worker`, the chief is 0."""
        cluster = {"worker": list(self.addresses)}
        task = {"type": "worker", "index": self.index}
        return json.dumps({"cluster": cluster, "task": task})


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[host]:port`; raises ValueError for anything else."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise ValueError(address)
    if host.startswith("[") != host.endswith("]") or (":" in host and not host.startswith("[")):
        raise ValueError(address)
    return host.strip("[]"), int(port)


def is_address(address: object) -> bool:
    """Whether it is a `host:port`."""
    try:
        return isinstance(address, str) and bool(split_address(address))
    except ValueError:
        return False


def twice(addresses: Sequence[str]) -> str | None:
    """An address that stands there twice; None where all differ."""
    return next((it for it in addresses if addresses.count(it) > 1), None)
