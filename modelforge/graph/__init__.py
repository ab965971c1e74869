"""Layers become a wired graph, checked before TensorFlow is imported."""

from modelforge.graph.given import Given
from modelforge.graph.graph import Graph, Node, WiredModel
from modelforge.graph.load import Loaded, load, settle, understand

__all__ = ["Given", "Graph", "Loaded", "Node", "WiredModel", "load", "settle", "understand"]
