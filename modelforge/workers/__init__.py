"""The processes that train one model together: found, met, watched, ended and started again."""

from modelforge.workers.cluster import Cluster
from modelforge.workers.find import found_cluster
from modelforge.workers.link import Link, supervisor_link
from modelforge.workers.supervise import Watched, supervise
from modelforge.workers.timeouts import Timeouts

__all__ = [
    "Cluster",
    "Link",
    "Timeouts",
    "Watched",
    "found_cluster",
    "supervise",
    "supervisor_link",
]
