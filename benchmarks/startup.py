"""How long a cold `modelforge --help` and `modelforge validate` take, next to two bare imports.

Both sides run in turn, several rounds, each as a whole process; the aim is a ratio of at most 2.

    python benchmarks/startup.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
BARE = [sys.executable, "-c", "import yaml, jsonschema"]
MODELFORGE = [str(Path(sys.executable).with_name("modelforge"))]  # the installed command
COMMANDS = {
    "python -c 'import yaml, jsonschema'": BARE,
    "modelforge --help": [*MODELFORGE, "--help"],
    "modelforge validate specs/digits.yaml": [*MODELFORGE, "validate", "specs/digits.yaml"],
    "modelforge validate specs/titanic.yaml": [*MODELFORGE, "validate", "specs/titanic.yaml"],
}


def seconds(command: list[str]) -> float:
    """The wall time of one run of a command, which must succeed."""
    # An installed package has its bytecode; a checkout gets it at the first run, if it may.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    for command in COMMANDS.values():
        seconds(command)  # fills the caches of the file system and of bytecode
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    bare = times[next(iter(COMMANDS))]
    print(f"{'command':42} {'median s':>9} {'min s':>7} {'ratio':>6}")
    for name, measured in times.items():
        ratio = statistics.median(m / b for m, b in zip(measured, bare, strict=True))
        print(f"{name:42} {statistics.median(measured):9.3f} {min(measured):7.3f} {ratio:6.2f}")


if __name__ == "__main__":
    main()
