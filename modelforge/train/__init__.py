"""A compiled model becomes a trained one."""

from modelforge.train.prepare import Prepared, prepare
from modelforge.train.progress import Reporter, reporter_for
from modelforge.train.session import Outcome, finished, train
from modelforge.train.trouble import disk_told

__all__ = [
    "Outcome",
    "Prepared",
    "Reporter",
    "disk_told",
    "finished",
    "prepare",
    "reporter_for",
    "train",
]
