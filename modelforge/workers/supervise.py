"""A run of several workers from its start to its end, with new starts after a lost worker.

Every worker trains in a child process, and its parent, which imports no TensorFlow, watches it:
TensorFlow ends a process whose peers are lost without a word that a user could act on, ignores
SIGTERM before the first step, and waits for ever for a worker that never comes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from modelforge.findings import Finding, counted
from modelforge.runs import RunFolder
from modelforge.workers.attempt import Attempt, Head, Member
from modelforge.workers.child import Child
from modelforge.workers.cluster import Cluster
from modelforge.workers.local import divided_gpus, local_clusters
from modelforge.workers.meeting import Interrupted, Meeting
from modelforge.workers.roll import STOPPED, Roll, Verdict
from modelforge.workers.signals import Signals
from modelforge.workers.timeouts import Timeouts
from modelforge.workers.work import RESUME_WITH_ALL, TRAIN, Work


@dataclass(frozen=True)
class Watched:
    """What is to be run and watched.

    cluster: this process's place, or the number of workers to start on this machine.
    arguments: of `modelforge` in each worker, by the run folder to go on with.
    facts: what has to be the same on all machines before anything is started.
    stdin: what a worker reads there. say: tells people a line. work: what the workers do.
    """

    cluster: Cluster | int
    arguments: Callable[[Path | None], Sequence[str]]
    timeouts: Timeouts
    facts: Mapping[str, str]
    say: Callable[[str], None]
    restarts: int = 0
    stdin: str | None = None
    work: Work = TRAIN


def supervise(watched: Watched) -> Verdict:
    """Works with all workers; how it ended, with what is still to be told of it."""
    resume: Path | None = None
    left = watched.restarts
    with Signals() as signals:
        while True:
            try:
                attempt = _attempt(watched, resume, signals)
            except Interrupted:
                return _interrupted(signals)
            verdict = _printed(attempt.run(), attempt)
            folder = _closed(attempt.run_folder, verdict)
            if not verdict.lost or not left or signals.name:
                return verdict
            left -= 1
            resume = folder or resume
            watched.say(f"{_starting_again(watched, verdict, resume)} ({_left(left)})")


def _attempt(watched: Watched, resume: Path | None, signals: Signals) -> Attempt:
    """All workers, met and started."""
    if isinstance(watched.cluster, int):
        places = local_clusters(watched.cluster)
        shares = divided_gpus(watched.cluster, os.environ)
        children = {
            place.index: _child(watched, place, resume, share)
            for place, share in zip(places, shares, strict=True)
        }
        return Head(children, {}, _roll(watched, places[0]), signals, watched.say)
    cluster = watched.cluster
    meeting = Meeting(cluster, dict(watched.facts), watched.timeouts.start, signals, watched.work)
    watched.say(
        f"worker {cluster.index} of {cluster.size} ({cluster.source}): waiting for the others"
    )
    if cluster.chief:
        peers = meeting.gather({"resume": str(resume) if resume else None})
        roll = _roll(watched, cluster)
        child = _child(watched, cluster, resume, {})
        return Head({0: child}, peers, roll, signals, watched.say)
    wire, message = meeting.join()
    told = Path(message["resume"]) if message.get("resume") else None
    child = _child(watched, cluster, told, {})
    named = cluster.named(0)
    return Member({cluster.index: child}, wire, named, watched.timeouts, signals, watched.work)


def _child(
    watched: Watched, cluster: Cluster, resume: Path | None, environment: Mapping[str, str]
) -> Child:
    # The same ModelForge as this, whatever lies in the working folder.
    house = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (house, os.environ.get("PYTHONPATH"))))
    return Child(
        cluster,
        [sys.executable, "-P", "-m", "modelforge", *watched.arguments(resume)],
        {**os.environ, "PYTHONPATH": path, **environment},
        stdin=watched.stdin,
        caught=isinstance(watched.cluster, int) and not cluster.chief,
    )


def _roll(watched: Watched, cluster: Cluster) -> Roll:
    local = isinstance(watched.cluster, int)
    names = [f"worker {i}" if local else cluster.named(i) for i in range(cluster.size)]
    return Roll(tuple(names), watched.timeouts, time.monotonic(), watched.work)


def _printed(verdict: Verdict, attempt: Attempt) -> Verdict:
    """With what the worker has printed that is to blame, where nobody has seen it."""
    seen = [code for i, code in attempt.failed.items() if attempt.children[i].output is None]
    if verdict.code in seen and not verdict.lost:
        return replace(verdict, findings=())  # it has said so itself, on this terminal
    index = verdict.culprit
    if index is None or not verdict.findings:
        return verdict
    child = attempt.children.get(index)
    output = child.output if child is not None else None
    finding, *others = verdict.findings
    notes = list(finding.notes)
    text = verdict.text or (output.tail() if output is not None else "")
    lines = (line.rstrip().removeprefix("  note: ") for line in text.splitlines())
    notes += [line for line in lines if line]
    if output is not None and attempt.run_folder is not None:
        notes.append(f"its output: {attempt.run_folder / 'workers' / f'worker-{index}.log'}")
    here = len(attempt.children)  # more than one only where `--workers` has started them
    folder = attempt.run_folder
    if verdict.lost and here > 1 and folder is not None and RunFolder(folder).resolved.exists():
        command = f"modelforge train --resume {folder} --workers {here}"
        saved = "everything up to the last checkpoint is saved; go on with"
        notes = [note for note in notes if note != RESUME_WITH_ALL] + [f"{saved}: {command}"]
    return replace(verdict, findings=(replace(finding, notes=tuple(notes)), *others))


def _closed(path: Path | None, verdict: Verdict) -> Path | None:
    """Sees to it that the state of the run tells how it ended; its folder, if it can be resumed."""
    if path is None:
        return None
    folder = RunFolder(path)
    state = folder.state()
    # A chief that has lost a peer calls that its failure, and does not know more.
    told = bool(verdict.findings) and verdict.code != STOPPED
    if state is not None and state.state in ("running", "failed") and told:
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        reason = verdict.findings[0].message
        with suppress(OSError):  # a full disk: the message comes out all the same
            folder.set_state(replace(state, state="failed", reason=reason, ended=ended))
    return path if folder.resolved.exists() else None


def _interrupted(signals: Signals) -> Verdict:
    message = f"stopped by {signals.name} while waiting for the other workers"
    return Verdict(STOPPED, (Finding("stopped", message, severity="warning"),))


def _starting_again(watched: Watched, verdict: Verdict, resume: Path | None) -> str:
    reason = verdict.findings[0].message if verdict.findings else "a worker was lost"
    if isinstance(watched.cluster, Cluster) and not watched.cluster.chief:
        return f"{reason}; all workers start again where the chief says"
    saved = resume is not None and any(RunFolder(resume).checkpoints.glob("[0-9]*"))
    where = f"from the last checkpoint of {resume}" if saved else "from the beginning"
    return f"{reason}; all workers start again {where}"


def _left(restarts: int) -> str:
    return f"{counted(restarts, 'restart')} left"
