"""Which workers there are: TF_CONFIG, SLURM, and what is wrong with them."""

from __future__ import annotations

import json

import pytest

from modelforge.findings import Refused
from modelforge.workers import Cluster, found_cluster
from modelforge.workers.asked import check_alone, cluster_of
from modelforge.workers.local import divided_gpus, local_clusters
from modelforge.workers.slurm import expand_hosts

ADDRESSES = ["10.0.0.1:2222", "10.0.0.2:2222"]


def tf_config(**changes: object) -> dict[str, str]:
    whole = {"cluster": {"worker": ADDRESSES}, "task": {"type": "worker", "index": 1}, **changes}
    return {"TF_CONFIG": json.dumps(whole)}


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(Refused) as caught:
        found_cluster(environment)
    (finding,) = caught.value.findings
    return "\n".join([f"{finding.rule}: {finding.message}", *finding.notes])


def test_tf_config_names_all_workers_and_this_one() -> None:
    cluster = found_cluster(tf_config())
    assert cluster == Cluster(tuple(ADDRESSES), 1, "TF_CONFIG")
    assert not cluster.chief
    assert cluster.named(1) == "worker 1 (10.0.0.2:2222)"


def test_a_chief_is_the_first_of_the_workers() -> None:
    both = {"chief": ["10.0.0.9:2222"], "worker": ADDRESSES}
    chief = found_cluster(tf_config(cluster=both, task={"type": "chief", "index": 0}))
    assert chief is not None and chief.chief
    assert chief.addresses == ("10.0.0.9:2222", *ADDRESSES)
    # TensorFlow is told of workers only: the chief is the first of them.
    assert json.loads(chief.tf_config())["cluster"] == {"worker": list(chief.addresses)}
    other = found_cluster(tf_config(cluster=both, task={"type": "worker", "index": "1"}))
    assert other is not None and other.index == 2


def test_what_tensorflow_reads_is_the_same_cluster() -> None:
    cluster = found_cluster(tf_config())
    assert cluster is not None
    assert found_cluster({"TF_CONFIG": cluster.tf_config()}) == cluster


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TF_CONFIG": ""},
        {"TF_CONFIG": "{}"},
        tf_config(cluster={"worker": ADDRESSES[:1]}, task={"type": "worker", "index": 0}),
        {"SLURM_NTASKS": "4", "SLURM_PROCID": "0"},  # a batch script, not what srun starts
        {"SLURM_NTASKS": "1", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0"},
    ],
)
def test_one_process_is_no_cluster(environment: dict[str, str]) -> None:
    assert found_cluster(environment) is None


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"TF_CONFIG": "{'cluster'"}, "is no JSON: expecting property name"),
        ({"TF_CONFIG": "[" * 100_000}, "TF_CONFIG is"),
        ({"TF_CONFIG": "[1]"}, "has to be a JSON object, not a list"),
        (tf_config(cluster=["a:1"]), "has a list for `cluster`"),
        (tf_config(cluster={"worker": "a:1"}), "has no list of addresses for `worker`"),
        (tf_config(cluster={"worker": []}), "has no list of addresses for `worker`"),
        (tf_config(cluster={"worker": ["host", "b:2"]}), 'has "host" among the addresses'),
        (tf_config(cluster={"worker": ["a:0", "b:2"]}), 'has "a:0" among the addresses'),
        (tf_config(cluster={"worker": ["a:99999", "b:2"]}), "where `host:port` belongs"),
        (tf_config(cluster={"worker": [7, "b:2"]}), "has 7 among the addresses"),
        (tf_config(cluster={"worker": ["a:1", "a:1"]}), "names the address `a:1` twice"),
        (tf_config(cluster={"ps": ["a:1"], "worker": ADDRESSES}), "tasks of the type `ps`"),
        (tf_config(cluster={"chief": ["a:1", "b:1"]}), "names two chiefs"),
        (tf_config(task=None), "but not this process's own place"),
        (tf_config(task={"type": "worker"}), '"task": {"type": "worker", "index": 0}'),
        (tf_config(task={"type": "chief", "index": 0}), "this is a `chief`, and the cluster has"),
        (tf_config(task={"type": "worker", "index": 2}), "worker 2, and the cluster has 2 workers"),
        (tf_config(task={"type": "worker", "index": -1}), "it is at most 1"),
        (tf_config(task={"type": "worker", "index": 0.5}), "has a number for `task.index`"),
        (tf_config(task={"type": "worker", "index": True}), "true or false for `task.index`"),
    ],
)
def test_a_wrong_tf_config_is_told(environment: dict[str, str], words: str) -> None:
    said = refused(environment)
    assert said.startswith("tf-config: the environment variable TF_CONFIG ")
    assert words in said
    assert "without TF_CONFIG training runs on this machine alone" in said


def slurm(**changes: str) -> dict[str, str]:
    return {
        "SLURM_JOB_ID": "4711",
        "SLURM_STEP_ID": "0",
        "SLURM_NTASKS": "8",
        "SLURM_PROCID": "2",
        "SLURM_JOB_NODELIST": "login,node[01-03]",
        **changes,
    }


STEP = {
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_STEP_NODELIST": "node[01-02]",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2)",
}


def test_a_slurm_step_names_its_tasks() -> None:
    cluster = found_cluster(slurm(**STEP))
    assert cluster is not None
    assert [it.partition(":")[0] for it in cluster.addresses] == ["node01"] * 2 + ["node02"] * 2
    assert (cluster.index, cluster.source) == (2, "SLURM")
    assert len(set(cluster.addresses)) == 4
    # Every task finds the same addresses, another job other ports.
    same = [found_cluster(slurm(**STEP, SLURM_PROCID=str(i))) for i in range(4)]
    assert {it.addresses for it in same if it} == {cluster.addresses}
    other = found_cluster(slurm(**STEP, SLURM_JOB_ID="4712"))
    assert other is not None and other.addresses != cluster.addresses


def test_without_the_words_of_the_step_those_of_the_job_count() -> None:
    cluster = found_cluster(slurm())
    assert cluster is not None
    hosts = [it.partition(":")[0] for it in cluster.addresses]
    assert hosts == ["login"] * 2 + ["node01"] * 2 + ["node02"] * 2 + ["node03"] * 2


def test_tf_config_goes_before_slurm() -> None:
    cluster = found_cluster({**slurm(), **tf_config()})
    assert cluster is not None and cluster.source == "TF_CONFIG"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SLURM_PROCID": "x"}, "SLURM_PROCID is `x`, where a whole number belongs"),
        ({"SLURM_JOB_NODELIST": ""}, "neither SLURM_STEP_NODELIST nor SLURM_JOB_NODELIST is set"),
        ({"SLURM_JOB_NODELIST": "node[1-"}, "`node[1-` is no list of nodes"),
        ({"SLURM_JOB_NODELIST": "a[1-99999]"}, "names more than 10000"),
        ({"SLURM_TASKS_PER_NODE": "2"}, "`2` tells of 1 nodes, and there are 4"),
        ({"SLURM_TASKS_PER_NODE": "two"}, "does not say how many tasks each node has"),
        ({"SLURM_NTASKS": "9"}, "9 tasks cannot be divided evenly among 4 nodes"),
        ({"SLURM_PROCID": "8"}, "this is task 8"),
        ({"SLURMD_NODENAME": "node03"}, "srun --distribution=block"),
    ],
)
def test_a_step_that_makes_no_sense_is_told(changes: dict[str, str], words: str) -> None:
    said = refused(slurm(**changes))
    assert said.startswith("slurm: the workers cannot be found from the variables of SLURM")
    assert words in said


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("one", ["one"]),
        ("a,b", ["a", "b"]),
        ("n[1-3]", ["n1", "n2", "n3"]),
        ("n[08-10,12]x,m", ["n08x", "n09x", "n10x", "n12x", "m"]),
        ("r[1-2]n[1-2]", ["r1n1", "r1n2", "r2n1", "r2n2"]),
        ("b[1,2],a[1]", ["b1", "b2", "a1"]),
    ],
)
def test_lists_of_nodes_are_expanded_in_their_order(text: str, hosts: list[str]) -> None:
    assert expand_hosts(text) == hosts


def test_explicit_strategies_need_what_they_name() -> None:
    with pytest.raises(Refused, match="nothing names them"):
        cluster_of("MultiWorkerMirroredStrategy", None, {})
    assert cluster_of("auto", None, {}) is None
    assert cluster_of("none", None, tf_config()) is None
    assert cluster_of("auto", None, tf_config()) is not None
    with pytest.raises(Refused, match="--workers 2 asks for several workers"):
        check_alone("none", None, 2)
    check_alone("none", None, 1)


def test_local_workers_have_ports_of_their_own() -> None:
    clusters = local_clusters(3)
    assert [it.index for it in clusters] == [0, 1, 2]
    assert len(set(clusters[0].addresses)) == 3
    assert {it.addresses for it in clusters} == {clusters[0].addresses}


def test_gpus_are_divided_among_local_workers() -> None:
    shares = divided_gpus(2, {"CUDA_VISIBLE_DEVICES": "3,1,0,2"})
    assert [it["CUDA_VISIBLE_DEVICES"] for it in shares] == ["3,1", "0,2"]
    assert divided_gpus(2, {"CUDA_VISIBLE_DEVICES": "-1"}) == [{}, {}]
    with pytest.raises(Refused, match="2 workers need a GPU each, and this machine has 1"):
        divided_gpus(2, {"CUDA_VISIBLE_DEVICES": "0"})
