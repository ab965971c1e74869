"""A run folder is made once, never shared, never overwritten, and found again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from modelforge.findings import Refused, Source
from modelforge.runs import RunFolder, RunState, find_run, list_runs


def _finished(runs: Path, name: str, started: str) -> RunFolder:
    folder = RunFolder.create(runs, name)
    folder.set_state(RunState("finished", started=started, epochs=3))
    return folder


def test_every_run_has_its_own_folder(tmp_path: Path) -> None:
    folders = {RunFolder.create(tmp_path, "digits").path for _ in range(20)}
    assert len(folders) == 20
    assert all(path.parent == tmp_path / "digits" for path in folders)


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        RunFolder.create_at(tmp_path)
    (finding,) = refused.value.findings
    assert finding.rule == "run-exists"
    assert any("--resume" in note for note in finding.notes)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refused, match="cannot be written"):
        RunFolder.create(tmp_path, "digits")
    tmp_path.chmod(0o700)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "digits").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="digits"):
        RunFolder.create(tmp_path, "digits")


def test_state_survives_writing_and_reading(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    state = RunState("failed", "no memory", epochs=2, best_epoch=1, best={"loss": 0.5})
    folder.set_state(state)
    assert folder.state() == state
    assert json.loads((folder.path / "state.json").read_text(encoding="utf-8"))["state"] == "failed"


def test_a_torn_state_is_no_state(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    (folder.path / "state.json").write_text('{"state": "fin', encoding="utf-8")
    assert folder.state() is None


def test_a_state_of_a_later_version_is_read(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    text = '{"schema_version": 9, "state": "finished", "later": 1}'
    (folder.path / "state.json").write_text(text, encoding="utf-8")
    state = folder.state()
    assert state is not None and state.state == "finished"


def test_a_running_state_of_a_dead_process_is_not_alive() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert not RunState("running", pid=child).alive
    assert RunState("running", pid=os.getpid()).alive
    assert RunState("running", pid=child, host="elsewhere").alive


def test_latest_is_the_one_that_started_last(tmp_path: Path) -> None:
    newest = _finished(tmp_path, "digits", "2026-03-01")
    _finished(tmp_path, "digits", "2026-02-01")
    _finished(tmp_path, "iris", "2026-01-01")
    assert find_run("latest", tmp_path) == newest
    assert find_run("latest", tmp_path, "iris").name == "iris"
    assert [run.name for run in list_runs(tmp_path)] == ["iris", "digits", "digits"]


def test_a_run_is_found_by_path_id_and_end_of_id(tmp_path: Path) -> None:
    run = _finished(tmp_path, "digits", "2026-03-01")
    assert find_run(str(run.path), tmp_path) == run
    assert find_run(run.id, tmp_path) == run
    assert find_run(run.id[-4:], tmp_path) == run


def test_a_name_means_the_newest_run_of_it(tmp_path: Path) -> None:
    newest = _finished(tmp_path, "digits", "2026-03-01")
    _finished(tmp_path, "digits", "2026-02-01")
    _finished(tmp_path, "iris", "2026-04-01")
    assert find_run("digits", tmp_path) == newest
    with pytest.raises(Refused) as refused:
        find_run("digit", tmp_path)
    assert refused.value.findings[0].hint == "did you mean `digits`?"


def test_an_unknown_run_is_refused_with_the_nearest(tmp_path: Path) -> None:
    run = _finished(tmp_path, "digits", "2026-03-01")
    with pytest.raises(Refused) as refused:
        find_run(run.id[:-1] + "?", tmp_path)
    assert refused.value.findings[0].hint == f"did you mean `{run.id}`?"


def test_latest_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no run of `digits`"):
        find_run("latest", tmp_path, "digits")


def test_an_earlier_resolved_spec_is_kept(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    for text in ("one\n", "one\n", "two\n"):
        folder.keep_resolved(text)
    assert folder.resolved.read_text(encoding="utf-8") == "two\n"
    assert (folder.path / "resolved-1.yaml").read_text(encoding="utf-8") == "one\n"


def test_the_spec_is_kept_with_what_it_extends(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    spec = Source("specs/digits.yaml", "extends: parts/base.yaml\n")
    base = Source("specs/parts/base.yaml", "name: digits\n")
    folder.keep_spec(spec, [base])
    assert folder.spec.read_text(encoding="utf-8") == spec.text
    kept = folder.path / "extends" / "parts" / "base.yaml"
    assert kept.read_text(encoding="utf-8") == base.text


@pytest.mark.parametrize("name", ["", "..", "../../elsewhere", "a/b", "a\\b"])
def test_a_name_is_one_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="has to be the name of one folder"):
        RunFolder.create(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_name_that_no_file_system_takes_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the run's name has 300 bytes, and at most 200 fit"):
        RunFolder.create(tmp_path, "x" * 300)
