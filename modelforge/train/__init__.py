"""A compiled model becomes a trained one."""

from modelforge.train.prepare import Prepared, prepare
from modelforge.train.progress import Reporter, reporter_for
from modelforge.train.session import Outcome, train

__all__ = ["Outcome", "Prepared", "Reporter", "prepare", "reporter_for", "train"]
