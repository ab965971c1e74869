"""Arguments that Keras's constructors refuse together, whatever the layer is called on."""

from modelforge.graph.constructors.check import check_constructors

__all__ = ["check_constructors"]
