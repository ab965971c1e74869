"""What has to be known before the data is opened, so that nothing in it can wait for `data.*`."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.document import Mapping, Node, Sequence, at, every_scalar
from modelforge.findings import Findings
from modelforge.resolve import Waiting
from modelforge.schema.phases import PHASES

# The data is read as `data` says, so it cannot say anything there; the others are needed to open
# it, to build what tells of it, or to say how many phases there are.
_EARLY = (
    *(("data",), ("name",), ("description",)),
    *(("train", key) for key in ("seed", "deterministic", "precision", "distribute", "thaw")),
)
_OF_A_PHASE = ("name", "batch_size", "augment", "augment_by", "thaw")


def check_known(root: Mapping, findings: Findings) -> None:
    """Adds every expression over `data.*` that stands where the data cannot have told it yet."""
    blamed = [finding.span for finding in findings.errors]
    for path, node in _early(root):
        for scalar in every_scalar(node):
            if isinstance(scalar, Waiting) and scalar.span not in blamed:
                findings.error(
                    "must-be-known",
                    f"`{path}` must be known before the data is opened, so `data.*` cannot be "
                    "used in it",
                    scalar.span,
                    hint="write the value itself",
                )


def _early(root: Mapping) -> Iterator[tuple[str, Node]]:
    for path in _EARLY:
        node = at(root, path)
        if node is not None:
            yield ".".join(path), node
    phases = at(root, ("train", PHASES))
    for number, phase in enumerate(phases.items if isinstance(phases, Sequence) else ()):
        for key in _OF_A_PHASE:
            node = at(phase, (key,))
            if node is not None:
                yield f"train.{PHASES}.{number}.{key}", node
