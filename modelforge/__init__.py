"""Keras models as YAML: validated, trained, evaluated and exported from a spec."""

from modelforge.findings import Finding, Findings, ModelForgeError, Refused
from modelforge.version import __version__

__all__ = ["Finding", "Findings", "ModelForgeError", "Refused", "__version__"]
