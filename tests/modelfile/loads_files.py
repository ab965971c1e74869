"""Loads every file of a list in a process of its own, and says what became of each, as JSON.

What the process opens, starts and imports meanwhile is watched.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

WATCHED = ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "socket.")
seen: list[str] = []
secrets: tuple[str, ...] = ()


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(WATCHED) and event != "socket.gethostname":
        seen.append(f"{event} {arguments!r:.80}")
    elif event == "open" and str(arguments[0]).startswith(secrets or ("\0",)):
        seen.append(f"open {arguments[0]}")
    elif event == "import" and arguments[0] in ("canary_module", "evil", "torch", "jax", "pickle5"):
        seen.append(f"import {arguments[0]}")


def load(path: str) -> dict[str, Any]:
    from modelforge.findings import Refused
    from modelforge.loading import load_model

    began = time.monotonic()
    try:
        load_model(path)
        found = []
    except Refused as refused:
        found = [[finding.rule, finding.message] for finding in refused.findings]
    except BaseException as error:
        found = [["traceback", repr(error)]]
    return {"findings": found, "seconds": time.monotonic() - began, "peak": peak()}


def peak() -> float:
    """The largest memory of this process so far, in MB."""
    # Not getrusage: that counts the process that this one was started from.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(order: Path) -> None:
    global secrets
    wanted = json.loads(order.read_text(encoding="utf-8"))
    load(wanted["base"])  # what Keras loads by itself is no part of it
    before = peak()
    secrets = tuple(wanted["secrets"])
    sys.addaudithook(watch)
    results = {}
    for name, path in wanted["files"].items():
        results[name] = load(path) | {"seen": list(seen), "grown": peak() - before}
        seen.clear()
    Path(wanted["answer"]).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
