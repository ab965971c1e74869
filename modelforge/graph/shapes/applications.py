"""The models of keras.applications: what their heads give; all else about them is unknown."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import Result, Unknown


def classifier(arguments: Arguments) -> Result:
    """A whole application with its head: a score for each class."""
    if not arguments.flag("include_top") or len(arguments.input) != 4:
        raise Unknown
    return Result(((None, arguments.positive("classes")),), None, None)
