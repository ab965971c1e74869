"""Finding runs: all below a folder, the latest, the one that a user means."""

from __future__ import annotations

from pathlib import Path

from modelforge.findings import did_you_mean, refuse
from modelforge.runs.folder import RunFolder

LATEST = "latest"


def list_runs(runs: Path, name: str | None = None) -> list[RunFolder]:
    """The runs below a folder, oldest first; of one name where it is given."""
    found = [RunFolder(state.parent) for state in runs.glob("*/*/state.json")]
    if name is not None:
        found = [folder for folder in found if folder.name == name]
    return sorted(found, key=_age)


def find_run(wanted: str, runs: Path, name: str | None = None) -> RunFolder:
    """The run that is meant by a path, an id, the end of an id, a name (then its newest run), or
    `latest`; refused if there is none.
    """
    direct = RunFolder(Path(wanted))
    if direct.state() is not None:
        return direct
    known = list_runs(runs, name)
    if wanted == LATEST:
        if known:
            return known[-1]
        of = f" of `{name}`" if name else ""
        raise refuse("no-run", f"there is no run{of} in `{runs}` yet")
    matching = [run for run in known if run.id == wanted or run.id.endswith(f"-{wanted}")]
    if len(matching) == 1:
        return matching[0]
    named = [run for run in known if run.name == wanted]
    if named:
        return named[-1]
    if direct.path.is_dir():
        raise refuse(
            "no-run",
            f"`{wanted}` is not a run folder: it holds no readable state.json",
            notes=["a run folder is what `modelforge train` writes: runs/<name>/<time>-<id>"],
        )
    raise refuse(
        "no-run",
        f"there is no run `{wanted}`",
        hint=did_you_mean(wanted, [it for run in known for it in (run.name, run.id)]),
        notes=[
            f"looked for a folder of that name, and for a run, or a name of runs, in `{runs}`",
            "`modelforge runs` lists them",
        ],
    )


def _age(folder: RunFolder) -> tuple[str, str]:
    # The name begins with the time; a folder named by --run has the time in its state only.
    state = folder.state()
    return (state.started if state else "", folder.id)
