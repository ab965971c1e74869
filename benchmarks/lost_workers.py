"""What becomes of two workers when one is lost: how long until all have ended, and with which code.

Each fault is brought about on this machine, in workers that train; the seconds count from the fault
to the end of the last process, those of a resumed run from its start to its first epoch.

    python benchmarks/lost_workers.py [--heartbeat 15] [--step 30] [--start 10]
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from workers.processes import SLEEPER, SPEC, Command, commands, tf_configs

Row = tuple[str, str, float, str, str]


def rows(options: argparse.Namespace) -> Iterator[Row]:
    """Each fault as a row of the table."""
    yield _missing(options)
    for fault, index in (("killed", 1), ("chief killed", 0)):
        yield _harmed(
            options, fault, lambda run, i=index: os.kill(run.workers()[i], signal.SIGKILL)
        )
    yield _harmed(
        options,
        "stopped (SIGSTOP)",
        lambda run: os.kill(run.workers()[1], signal.SIGSTOP),
        f"heartbeat {options.heartbeat} s",
    )
    yield _harmed(options, "stands still", None, f"step {options.step} s")
    yield _harmed(options, "SIGTERM", lambda run: run.process.send_signal(signal.SIGTERM))
    yield _gone(options)


def _distribute(options: argparse.Namespace) -> str:
    times = f"heartbeat_timeout: {options.heartbeat}, step_timeout: {options.step}"
    start = f"start_timeout: {options.start}"
    return f"train.distribute={{MultiWorkerMirroredStrategy: {{{times}, {start}}}}}"


def _arguments(options: argparse.Namespace, folder: Path, text: str = SPEC) -> list[str]:
    (folder / "tiny.yaml").write_text(text, encoding="utf-8")
    given = ["--set", "train.epochs=100000", "--set", _distribute(options)]
    return ["train", "tiny.yaml", *given]


def _harmed(
    options: argparse.Namespace,
    fault: str,
    harm: Callable[[Command], None] | None,
    limit: str = "",
) -> Row:
    """Two workers of one launcher; where nothing harms them, one stands still by itself."""
    with tempfile.TemporaryDirectory() as name, commands(Path(name)) as start:
        folder = Path(name)
        arguments = _arguments(options, folder)
        if harm is None:
            (folder / "sleeper.py").write_text(SLEEPER, encoding="utf-8")
            text = SPEC.replace("name: tiny\n", "name: tiny\nplugins: [sleeper.py]\n")
            arguments = _arguments(options, folder, text + "  callbacks: [Sleeper]\n")
            arguments.append("--trust-plugins")
        run = start(*arguments, "--workers", "2")
        run.wait_for("epoch 2/")
        began = time.monotonic()
        if harm is not None:
            harm(run)
        code = run.wait()
        return fault, limit, time.monotonic() - began, str(code), _told(run)


def _gone(options: argparse.Namespace) -> Row:
    """The process that watches a worker is killed, as if its machine were gone."""
    with tempfile.TemporaryDirectory() as name, commands(Path(name)) as start:
        arguments = _arguments(options, Path(name))
        runs = [start(*arguments, env=env) for env in tf_configs(2)]
        runs[0].wait_for("epoch 2/")
        began = time.monotonic()
        runs[1].process.kill()
        code = runs[0].wait()
        return "machine gone", "", time.monotonic() - began, str(code), _told(runs[0])


def _missing(options: argparse.Namespace) -> Row:
    with tempfile.TemporaryDirectory() as name, commands(Path(name)) as start:
        began = time.monotonic()
        run = start(*_arguments(options, Path(name)), env=tf_configs(2)[0])
        code = run.wait()
        limit = f"start {options.start} s"
        return "never comes", limit, time.monotonic() - began, str(code), _told(run)


def _told(run: Command) -> str:
    lines = run.text.splitlines()
    return next((it for it in lines if it.startswith(("error", "warning"))), "nothing")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heartbeat", type=int, default=15)
    parser.add_argument("--step", type=int, default=30)
    parser.add_argument("--start", type=int, default=10)
    print(f"{'worker':18} {'limit':15} {'seconds':>8} {'code':>5}  told")
    for fault, limit, seconds, code, told in rows(parser.parse_args()):
        print(f"{fault:18} {limit:15} {seconds:8.1f} {code:>5}  {told}", flush=True)


if __name__ == "__main__":
    main()
