"""What is wrong, where, and how to mend it: one type for every kind of trouble."""

from modelforge.findings.collector import Findings
from modelforge.findings.errors import Diverged, Lost, ModelForgeError, Refused, Stopped, refuse
from modelforge.findings.finding import Finding
from modelforge.findings.span import Related, Source, Span
from modelforge.findings.suggest import counted, did_you_mean, listed, nearest

__all__ = [
    "Diverged",
    "Finding",
    "Findings",
    "Lost",
    "ModelForgeError",
    "Refused",
    "Related",
    "Source",
    "Span",
    "Stopped",
    "counted",
    "did_you_mean",
    "listed",
    "nearest",
    "refuse",
]
