"""Inheritance, `--set`, variables, expressions: nodes become nodes that hold values only."""

from modelforge.resolve.facts import FACTS
from modelforge.resolve.fill import fill
from modelforge.resolve.parser import RESERVED
from modelforge.resolve.resolve import resolve
from modelforge.resolve.resolver import Resolver
from modelforge.resolve.waiting import Waiting, contains_waiting

__all__ = ["FACTS", "RESERVED", "Resolver", "Waiting", "contains_waiting", "fill", "resolve"]
