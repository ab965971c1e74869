"""Composition: blocks, repetitions, conditions, branches and defaults become plain layers."""

from modelforge.expand.expand import Expansion, is_composed

__all__ = ["Expansion", "is_composed"]
