"""What is told of the data, before it is opened or after: shapes, targets, facts for `data.*`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from modelforge.resolve.facts import TARGETS
from modelforge.spec.targets import ONLY

Sizes: TypeAlias = "tuple[int | None, ...]"


@dataclass(frozen=True, slots=True)
class Learned:
    """What an output learns.

    kind: classes (integer labels, three classes or more), binary (integer labels 0 and 1),
    multi_label (0 or 1 for each label), number (one a sample), array (of numbers, `shape` each,
    which may be an input), none; empty where it is not known. facts: of `data.*`, those that are
    about this target; below: where they stand.
    """

    kind: str = ""
    shape: Sizes | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    below: str = "data"


@dataclass(frozen=True, slots=True)
class Given:
    """What is told of the data; all of it is what `open_data` finds, if it finds no error.

    facts: values of `data.*`; None stands for a fact that this data does not have. What is not
    among them is known once the data is opened. targets: by the name of the output that learns
    them; ONLY is learned by every other output.
    """

    shapes: Mapping[str, Sizes] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Learned] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """What the target is that has no name; empty where it is not known, or there is none."""
        return self.of(ONLY).kind

    def of(self, output: str) -> Learned:
        """What an output learns."""
        if output != ONLY and output in self.targets:
            return replace(self.targets[output], below=f"data.{TARGETS}.{output}")
        return self.targets.get(ONLY) or Learned("none" if self.targets else "")


def target_facts(targets: Mapping[str, Learned]) -> dict[str, Any]:
    """What a spec may use as `data.*`, or as `data.targets.NAME.*` of a target with a name."""
    facts = {
        (key if name == ONLY else f"{TARGETS}.{name}.{key}"): fact
        for name, target in targets.items()
        for key, fact in target.facts.items()
    }
    named = [name for name in targets if name != ONLY]
    return {**facts, TARGETS: named} if named else facts
