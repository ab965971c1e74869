"""A verb with several workers: the process that watches them, and each of them watched."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from modelforge.findings import Finding, ModelForgeError, Stopped
from modelforge.version import __version__

if TYPE_CHECKING:
    from modelforge.graph import Loaded
    from modelforge.runs import RunFolder
    from modelforge.spec import Object
    from modelforge.workers import Cluster, Link
    from modelforge.workers.work import Work

Arguments = Callable[[Path | None], Sequence[str]]

# What a worker that goes on with a run must not be told again.
_OF_A_NEW_RUN = ("spec", "overrides", "at", "runs", "name", "resume")
_OF_WATCHING = ("workers", "restarts")
_COMPARED = ("tensorflow", "keras", "numpy")


@dataclass
class Worker:
    """This process as one of several, or alone: then link and cluster are None.

    code: with which exit code it ends, if nothing is raised.
    """

    link: Link | None = None
    cluster: Cluster | None = None
    code: int = 0

    @property
    def talks(self) -> bool:
        """Whether this process speaks to people and writes what is kept."""
        return self.cluster is None or self.cluster.chief

    def scratch(self) -> RunFolder | None:
        """The run of others than the chief: a place where nothing is."""
        if self.talks:
            return None
        from modelforge.runs import RunFolder

        return RunFolder(Path(tempfile.mkdtemp()) / "run")

    def hush(self) -> None:
        """TensorFlow's errors about lost peers are many lines, and none of them names a worker."""
        if self.link is not None:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

    def begin(self, folder: RunFolder) -> None:
        """Training begins; who watches keeps what the others print in the run folder."""
        if self.link is not None and self.talks:
            self.link.tell({"run": str(folder.path.resolve())})


@contextmanager
def as_worker() -> Iterator[Worker]:
    """This process as a worker: whoever watches it hears how it ends."""
    from modelforge.workers import found_cluster, supervisor_link

    link = supervisor_link()
    worker = Worker(link, found_cluster(os.environ) if link is not None else None)
    if link is None:
        yield worker
        return
    try:
        yield worker
        link.wait_for_all(worker.code)
    except Stopped as stop:
        link.wait_for_all(stop.exit_code)
        if not worker.talks:
            raise SystemExit(stop.exit_code) from None
        raise
    except ModelForgeError as error:
        _tell_failure(link, error)
        raise
    except Exception as error:
        from modelforge.cli.defect import DEFECT

        link.fail(DEFECT, f"{type(error).__name__}: {error}")
        raise


def _tell_failure(link: Link, error: ModelForgeError) -> None:
    from modelforge.findings.text import render
    from modelforge.workers.roll import WORKER_LOST

    peer = any(finding.rule == WORKER_LOST for finding in error.findings)
    link.fail(error.exit_code, render(error.findings), peer=peer)
    if peer:  # who watches all of them knows which one, and says so
        raise SystemExit(error.exit_code) from None


def supervised(context: click.Context, loaded: Loaded, worker: Worker) -> int | None:
    """Watches workers that train; the exit code of the run. None where this process trains."""
    if worker.link is not None or loaded.spec.train is None:
        return None
    from modelforge.workers.work import TRAIN

    cluster = workers_of(loaded.spec.train.distribute, int(context.params["workers"] or 1))
    if cluster is None:
        return None
    return watch(loaded, cluster, watched_arguments(context), TRAIN, context.params)


def watch(
    loaded: Loaded,
    cluster: Cluster | int,
    arguments: Arguments,
    work: Work,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """Watches workers until they have done their work; how it ended, which is told.

    loaded: the spec whose times hold. cluster: this process's place, or how many workers to start
    here. options: those of `train`, as far as they are about watching.
    """
    from modelforge.cli.tell import tell
    from modelforge.workers import Timeouts, Watched, supervise

    train = loaded.spec.train
    verdict = supervise(
        Watched(
            cluster,
            arguments,
            Timeouts.of(train.distribute.arguments if train is not None else {}),
            {**versions(), "command": arguments(None)[0]},
            _saying(bool(options.get("quiet"))),
            int(options.get("restarts", 0)),
            loaded.source.text if options.get("spec") == "-" else None,
            work,
        )
    )
    if verdict.code and sys.stderr.isatty():
        os.write(2, b"\x1b[?25h\r")  # the bar of a chief that was ended has hidden the cursor
    tell(verdict.findings)
    return verdict.code


def versions() -> dict[str, str]:
    """What has to be the same on all machines, found without importing it."""
    found = {"modelforge": __version__, "python": ".".join(map(str, sys.version_info[:2]))}
    for name in _COMPARED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def workers_of(distribute: Object, count: int) -> Cluster | int | None:
    """The cluster that the environment names, or the number of workers to start here."""
    from modelforge.cli.tell import tell
    from modelforge.workers import found_cluster
    from modelforge.workers.asked import check_alone, cluster_of

    check_alone(distribute.name, distribute.span, count)
    if count > 1:
        return started_here(count)
    found = found_cluster(os.environ)
    asked = cluster_of(distribute.name, distribute.span, os.environ)
    if asked is None and found is not None:
        tell([_ignored(found, distribute.name)])
    return asked


def started_here(count: int) -> int:
    """The number of workers to start here, where the environment names none."""
    from modelforge.workers import found_cluster

    found = found_cluster(os.environ)
    if found is not None:
        raise click.UsageError(
            f"--workers starts workers here, and {found.source} already names {found.size}."
        )
    return count


def _ignored(cluster: Cluster, strategy: str) -> Finding:
    return Finding(
        "workers-ignored",
        f"{cluster.source} names {cluster.size} workers, but the spec says `{strategy}`: each "
        "works for itself alone",
        severity="warning",
        notes=("with `distribute: auto` they work together",),
    )


def watched_arguments(context: click.Context, **instead: str) -> Arguments:
    """The command line of a worker, by the run that it goes on with; instead: other values."""
    from modelforge.graph.plugins import OPTION, TRUSTED

    trusted = [OPTION] if TRUSTED.get() is not None else []
    given = {**context.params, **instead}

    def arguments(resume: Path | None) -> Sequence[str]:
        left_out = {*_OF_WATCHING, *(_OF_A_NEW_RUN if resume else ())}
        parameters = [it for it in context.command.params if it.name not in left_out]
        named = [it for it in parameters if isinstance(it, click.Option)]
        placed = [it for it in parameters if isinstance(it, click.Argument)]
        options = [text for it in named for text in _as_option(it, given.get(it.name or ""))]
        places = [text for it in placed for text in _as_values(given.get(it.name or ""))]
        resuming = ["--resume", str(resume)] if resume else []
        # What begins with a dash behind `--` is no option.
        behind = ["--", *places] if places else []
        return [str(context.info_name), *trusted, *resuming, *options, *behind]

    return arguments


def _as_option(option: click.Option, value: Any) -> Iterator[str]:
    """An option as it is written on a command line; nothing where it has its default."""
    if value is None or value is False or value == option.default:
        return
    name = max(option.opts, key=len)
    for item in value if isinstance(value, tuple) else (value,):
        yield name if value is True else f"{name}={item}"


def _as_values(value: Any) -> Iterator[str]:
    """An argument, or several of one name, as they are written on a command line."""
    if value is not None:
        yield from map(str, value if isinstance(value, tuple) else (value,))


def _saying(quiet: bool) -> Callable[[str], None]:
    return lambda line: None if quiet else click.echo(line, err=True)
