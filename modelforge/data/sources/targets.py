"""All targets of a source, each read as if it were the only one."""

from __future__ import annotations

from collections.abc import Callable

from modelforge.data.place import Request
from modelforge.data.samples import Samples, Target

ReadTarget = Callable[[Request, Target | None], Target | None]


def read_targets(
    request: Request, like: Samples | None, read: ReadTarget
) -> dict[str, Target] | None:
    """The targets by name; None after a finding.

    read: reads the target of a request that has a single one; its second argument is what the
    training source has under this name, where validation or test are read.
    """
    found = {}
    for asked in request.targets:
        one = like.targets.get(asked.name) if like else None
        found[asked.name] = read(request.of(asked), one)
    targets = {name: target for name, target in found.items() if target is not None}
    return targets if len(targets) == len(found) else None
