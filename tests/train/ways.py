"""Specs trained by one process and by two replicas, as `benchmarks/replicas.py` does it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

BENCHMARK = Path(__file__).parent.parent.parent / "benchmarks" / "replicas.py"


def benchmark() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_replicas", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(specs: Iterable[str], ways: Iterable[str], steps: int, chance: bool = False) -> Any:
    """The rows that the benchmark prints."""
    return benchmark().compare(list(specs), list(ways), steps, chance)


class Both:
    """Results of specs by name, trained in both ways, each way in a process of its own."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._module = benchmark()
        self.one: dict[str, Any] = self._module.run("one", texts)
        self.two: dict[str, Any] = self._module.run("replicas", texts)

    def apart(self, name: str) -> dict[str, float]:
        """The greatest differences of a spec: losses, values, weights, statistics."""
        assert self.two[name]["replicas"] == 2
        found: dict[str, float] = self._module.compared(self.one[name], self.two[name])
        return found

    def same(self, name: str, within: float) -> None:
        """Nothing differs by more than this."""
        apart = self.apart(name)
        assert apart.pop("steps") == len(self.one[name]["losses"]) > 2
        assert max(apart.values()) < within, apart
