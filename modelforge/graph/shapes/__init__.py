"""Shapes and parameter counts of a graph, computed without Keras; unknown, never guessed."""

from modelforge.graph.shapes.infer import infer
from modelforge.graph.shapes.known import Known, Shape

__all__ = ["Known", "Shape", "infer"]
