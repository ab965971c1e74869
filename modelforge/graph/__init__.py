"""Layers become a wired graph, checked before TensorFlow is imported."""

from modelforge.graph.given import Given
from modelforge.graph.graph import MAIN, Graph, Node
from modelforge.graph.load import Loaded, load, settle, understand

__all__ = ["MAIN", "Given", "Graph", "Loaded", "Node", "load", "settle", "understand"]
