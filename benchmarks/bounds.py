"""The worst specs that the bounds of the language let through: the processor time of each.

The aim is about a second at most for whatever a stranger sends.

    python benchmarks/bounds.py
"""

from __future__ import annotations

import resource
import time

from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import understand

ROWS = "model:\n  inputs: {x: {shape: [8]}}\n  layers:\n"
IMAGE = ROWS.replace("[8]", "[8, 8, 4]")
CONV = "{filters: 4, kernel_size: 3, padding: same, kernel_regularizer: {L2: 1e-4}}"


def _lines(count: int, line: str) -> str:
    return "".join(line.format(n=n, after=n + 1) for n in range(count))


def specs() -> dict[str, str]:
    """Texts by what is large in them."""
    many = ", ".join(["1"] * 100_000)
    block = "blocks:\n  b:\n    layers:\n" + f"      - Conv2D: {CONV}\n" * 10
    return {
        "4,900 layers of a loop": f"{ROWS}    - Dense: 8\n      repeat: 4900\n",
        "3,000 layers of a block": f"{block}{IMAGE}    - b:\n      repeat: 300\n",
        "10,000 layers": ROWS + _lines(10_000, "    - Dense: {{units: 8}}\n      name: l{n}\n"),
        "9,000 layers backwards": ROWS
        + _lines(9_000, "    - Dense: 8\n      name: l{n}\n      from: l{after}\n")
        + "    - Dense: 8\n      name: l9000\n      from: x\n  outputs: [l0]\n",
        "95,000 layers (refused)": ROWS + "    - ReLU\n" * 95_000,
        "20,000 variables in a row": "vars:\n  a0: 1\n"
        + "".join(f'  a{n}: "${{a{n - 1} + 1}}"\n' for n in range(1, 20_000))
        + f'{ROWS}    - Dense: "${{a19999}}"\n',
        "a long list, read often (refused)": f"vars:\n  l: [{many}]\n{ROWS}"
        '    - Dense: "${sum(l)}"\n      repeat: 1000\n',
        "9,000 names of nothing (refused)": ROWS
        + _lines(9_000, "    - Dense: 8\n      name: layer_{n}\n      from: layr_{n}\n"),
        "10,000 unknown words (refused)": ROWS + _lines(10_000, "    - Dens{n}: 8\n"),
    }


def main() -> None:
    for name, text in specs().items():
        findings = Findings()
        begin = time.process_time()
        root = parse(Source("spec.yaml", text), findings)
        if root is not None:
            understand(root, (), findings)
        render(findings)
        taken = time.process_time() - begin
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:36} {taken:5.2f} s   {len(findings):3} findings   at most {memory:.0f} MiB")


if __name__ == "__main__":
    main()
