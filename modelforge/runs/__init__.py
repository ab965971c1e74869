"""What lies where in a run folder."""

from modelforge.runs.folder import RunFolder
from modelforge.runs.history import History, read_history
from modelforge.runs.listing import LATEST, find_run, list_runs
from modelforge.runs.resolved import resolved_yaml
from modelforge.runs.state import RunState, Standing

__all__ = [
    "LATEST",
    "History",
    "RunFolder",
    "RunState",
    "Standing",
    "find_run",
    "list_runs",
    "read_history",
    "resolved_yaml",
]
