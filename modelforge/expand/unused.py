"""What a spec declares for its composition and never uses."""

from __future__ import annotations

from modelforge.document import Broken
from modelforge.expand.blocks import Block
from modelforge.findings import Findings
from modelforge.resolve.mentions import mentions


def warn_of_parameters(block: Block, findings: Findings) -> None:
    """Warns of the parameters that nothing in a block speaks of."""
    values = [block.layers, *(entry.value for entry in block.params.values())]
    used = {
        name.name.split(".")[0]
        for value in values
        if not isinstance(value, Broken)
        for name in mentions(value)
    }
    for name, entry in block.params.items():
        if name not in used:
            findings.warning(
                "unused-parameter",
                f"the block `{block.name}` never uses its parameter `{name}`",
                entry.key_span,
                hint=f"use it as `${{{name}}}`, or delete it",
            )


def warn_of_block(block: Block, findings: Findings) -> None:
    """Warns of a block that nothing uses."""
    findings.warning(
        "unused-block",
        f"nothing uses the block `{block.name}`",
        block.span,
        hint=f"write `- {block.name}` among the layers, or delete it",
    )
