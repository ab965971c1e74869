"""The variables that `srun` sets for each task of a step: every task becomes a worker.

TensorFlow's own SlurmClusterResolver sorts the hosts (so that task 0 may lie elsewhere), needs
nvidia-smi, and fails with an AssertionError; these few lines tell what is wrong instead.
https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from modelforge.findings import ModelForgeError, counted, refuse
from modelforge.workers.cluster import Cluster

_FIRST_PORT, _PORTS = 20000, 12000  # below the ports that Linux gives away by itself (32768)
_MOST_TASKS = 10_000
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_TASKS = re.compile(r"(\d+)(?:\(x(\d+)\))?")


def slurm_cluster(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster of this step; None outside of one.

    A batch script itself is no step: there SLURM_NTASKS is set, but nothing has started the
    other tasks, so only what `srun` starts counts.
    """
    if "SLURM_STEP_ID" not in environment or "SLURM_PROCID" not in environment:
        return None
    count = _number(environment, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS")
    if count < 2:
        return None
    index = _number(environment, "SLURM_PROCID")
    hosts = expand_hosts(_text(environment, "SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"))
    tasks = _tasks_per_host(environment, len(hosts), count)
    first = _first_port(environment, max(tasks))
    addresses = tuple(
        f"{host}:{first + place}"
        for host, here in zip(hosts, tasks, strict=True)
        for place in range(here)
    )
    if len(addresses) != count or not 0 <= index < count:
        raise _wrong(
            f"SLURM tells of {counted(count, 'task')}, of {counted(len(addresses), 'place')} for "
            f"them, and that this is task {index}"
        )
    _check_order(environment, addresses[index])
    return Cluster(addresses, index, "SLURM")


def expand_hosts(text: str) -> list[str]:
    """`node[1-3,07],login` as the names of the hosts, in their order.

    Raises Refused for what is no list of hosts.
    """
    hosts: list[str] = []
    for part in _parts(text):
        hosts += _expand(part, text)
        if len(hosts) > _MOST_TASKS:
            raise _wrong(f"the list of nodes `{text[:100]}` names more than {_MOST_TASKS}")
    if not hosts:
        raise _wrong("the list of nodes is empty")
    return hosts


def _parts(text: str) -> Iterator[str]:
    """What stands between commas outside of brackets."""
    yield from (part for part in re.split(r",(?![^\[]*\])", text.strip()) if part)


def _expand(part: str, text: str) -> list[str]:
    """One name with any number of brackets."""
    before, bracket, rest = part.partition("[")
    if not bracket:
        if "]" in part:
            raise _wrong(f"`{text[:100]}` is no list of nodes")
        return [part]
    inside, closed, after = rest.partition("]")
    numbers = [_RANGE.fullmatch(item) for item in inside.split(",")]
    if not closed or not all(numbers):
        raise _wrong(f"`{text[:100]}` is no list of nodes")
    middles: list[str] = []
    for match in numbers:
        assert match is not None
        least, most = match[1], match[2] or match[1]
        if int(most) - int(least) > _MOST_TASKS:
            raise _wrong(f"the list of nodes `{text[:100]}` names more than {_MOST_TASKS}")
        middles += [str(it).zfill(len(least)) for it in range(int(least), int(most) + 1)]
    ends = _expand(after, text) if after else [""]
    return [f"{before}{middle}{end}" for middle in middles for end in ends]


def _tasks_per_host(environment: Mapping[str, str], hosts: int, count: int) -> list[int]:
    """How many tasks each host has: `2(x3),1` is 2, 2, 2, 1."""
    text = environment.get("SLURM_STEP_TASKS_PER_NODE") or environment.get("SLURM_TASKS_PER_NODE")
    if not text:
        if count % hosts:
            raise _wrong(f"{counted(count, 'task')} cannot be divided evenly among {hosts} nodes")
        return [count // hosts] * hosts
    tasks: list[int] = []
    for part in text.split(","):
        match = _TASKS.fullmatch(part.strip())
        if match is None or int(match[2] or 1) > _MOST_TASKS:
            raise _wrong(f"`{text[:100]}` does not say how many tasks each node has")
        tasks += [int(match[1])] * int(match[2] or 1)
    if len(tasks) != hosts:
        raise _wrong(f"`{text[:100]}` tells of {len(tasks)} nodes, and there are {hosts}")
    return tasks


def _first_port(environment: Mapping[str, str], most: int) -> int:
    """A port that two jobs on one node do not share: made from the numbers of job and step."""
    job = _number(environment, "SLURM_JOB_ID", "SLURM_JOBID")
    step = int(environment["SLURM_STEP_ID"]) if environment["SLURM_STEP_ID"].isdecimal() else 0
    return _FIRST_PORT + (job * 131 + step * 17) % (_PORTS - most)


def _check_order(environment: Mapping[str, str], address: str) -> None:
    """Tasks are taken to fill one node after the other, as `srun` does unless told otherwise."""
    here, computed = environment.get("SLURMD_NODENAME"), address.rpartition(":")[0]
    if here and here.partition(".")[0] != computed.partition(".")[0]:
        raise _wrong(
            f"this task runs on `{here}`, and by the order of tasks it should be on `{computed}`",
            "run `srun --distribution=block`, so that tasks fill one node after the other",
        )


def _text(environment: Mapping[str, str], *names: str) -> str:
    for name in names:
        if environment.get(name):
            return environment[name]
    raise _wrong(f"neither {' nor '.join(names)} is set" if len(names) > 1 else f"no {names[0]}")


def _number(environment: Mapping[str, str], *names: str) -> int:
    text = _text(environment, *names)
    if not text.isdecimal():
        raise _wrong(f"{names[0]} is `{text[:40]}`, where a whole number belongs")
    return int(text)


def _wrong(what: str, *notes: str) -> ModelForgeError:
    return refuse(
        "slurm",
        f"the workers cannot be found from the variables of SLURM: {what}",
        notes=[*notes, "TF_CONFIG, where it is set, goes before them"],
    )
