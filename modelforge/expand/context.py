"""What every part of an expansion needs, what its items can name, and how much it may make."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from modelforge.catalog import Catalog
from modelforge.expand.blocks import Block
from modelforge.expand.defaults import Defaults
from modelforge.expand.loops import Local
from modelforge.findings import Findings, Related
from modelforge.resolve import Resolver

MAX_NODES = 50_000  # values that come into it through uses and defaults
MAX_LEVELS = 32  # of blocks, branches and models in each other


class TooMuch(Exception):
    """The model grew over its bound; that has been reported."""


@dataclass(frozen=True)
class Context:
    """local: what expressions can name; uses: through what these items are there."""

    local: Local = field(default_factory=dict)
    uses: tuple[Related, ...] = ()
    chain: tuple[Block, ...] = ()
    level: int = 0


@dataclass(frozen=True)
class Tools:
    """What every part of an expansion needs."""

    resolver: Resolver
    catalog: Catalog
    findings: Findings
    blocks: dict[str, Block]
    defaults: Defaults
    used_blocks: set[str] = field(default_factory=set)
    spent: Counter[str] = field(default_factory=Counter)
