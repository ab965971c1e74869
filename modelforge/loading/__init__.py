"""The one way by which a model comes from a file into memory."""

from modelforge.loading.cut import cut
from modelforge.loading.load import load_model, opened

__all__ = ["cut", "load_model", "opened"]
