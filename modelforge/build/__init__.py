"""A spec becomes a compiled keras.Model."""

from modelforge.build.compile import compile_model, precision
from modelforge.build.model import build_model

__all__ = ["build_model", "compile_model", "precision"]
