"""Checkpoints: everything from which a run goes on as if it had never stopped."""

from modelforge.train.checkpoints.snapshot import Snapshot
from modelforge.train.checkpoints.store import Checkpoints

__all__ = ["Checkpoints", "Snapshot"]
