"""Inheritance, `--set`, variables, expressions: nodes become nodes that hold values only."""

from modelforge.resolve.facts import FACTS
from modelforge.resolve.resolve import resolve
from modelforge.resolve.waiting import Waiting, contains_waiting

__all__ = ["FACTS", "Waiting", "contains_waiting", "resolve"]
