"""`modelforge schema --install`: what it writes, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

PLUGIN = """
import keras

@keras.saving.register_keras_serializable("tests")
class Wobble(keras.layers.Layer):
    "Wobbles."
    def call(self, inputs):
        return inputs
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(folder: Path) -> Path:
    (folder / ".vscode").mkdir(exist_ok=True)
    return folder / ".vscode" / "settings.json"


def test_a_project_gets_schema_and_settings(folder: Path, modelforge_command: Run) -> None:
    done = modelforge_command("schema", "--install")
    assert done.exit_code == 0, done.output
    schema = json.loads((folder / ".modelforge/schema.json").read_text("utf-8"))
    assert schema["title"] == "ModelForge spec"
    assert json.loads(settings(folder).read_text("utf-8")) == {
        "yaml.schemas": {"./.modelforge/schema.json": ["*.modelforge.yaml", "*.modelforge.yml"]}
    }
    extensions = json.loads((folder / ".vscode/extensions.json").read_text("utf-8"))
    assert extensions == {"recommendations": ["redhat.vscode-yaml"]}
    again = modelforge_command("schema", "--install")
    assert again.stderr == "wrote .modelforge/schema.json\n"


def test_settings_that_are_there_are_kept(folder: Path, modelforge_command: Run) -> None:
    text = '{\n    "editor.tabSize": 2,\n    "yaml.schemas": {"other.json": "x.yaml"}\n}\n'
    settings(folder).write_text(text, "utf-8")
    done = modelforge_command("schema", "--install", ".", "--for", "specs/*.yaml")
    assert done.exit_code == 0, done.output
    merged = settings(folder).read_text("utf-8")
    assert json.loads(merged) == {
        "editor.tabSize": 2,
        "yaml.schemas": {"other.json": "x.yaml", "./.modelforge/schema.json": ["specs/*.yaml"]},
    }
    assert merged.startswith('{\n    "editor.tabSize": 2,')


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{\n  // mine\n  "a": 1\n}\n', "it has comments, or is no JSON"),
        ('{"yaml.schemas": []}', "its `yaml.schemas` is no object"),
        ("[]", "it is no object"),
    ],
)
def test_what_cannot_be_merged_is_left_and_told(
    text: str, why: str, folder: Path, modelforge_command: Run
) -> None:
    settings(folder).write_text(text, "utf-8")
    done = modelforge_command("schema", "--install")
    assert done.exit_code == 1
    assert settings(folder).read_text("utf-8") == text
    assert (
        f"error[settings-kept]: `.vscode/settings.json` is left as it is: {why}\n"
        '  note: add to it: "yaml.schemas": {"./.modelforge/schema.json": '
        '["*.modelforge.yaml", "*.modelforge.yml"]}\n'
    ) in done.stderr
    assert (folder / ".modelforge/schema.json").exists()
    assert (folder / ".vscode/extensions.json").exists()


def test_comments_do_not_matter_once_it_is_added(folder: Path, modelforge_command: Run) -> None:
    text = (
        "{ // mine\n"
        '  "yaml.schemas": {"./.modelforge/schema.json": ["*.modelforge.yaml", "*.modelforge.yml"]}'
        "\n}\n"
    )
    settings(folder).write_text(text, "utf-8")
    assert modelforge_command("schema", "--install").exit_code == 0
    assert settings(folder).read_text("utf-8") == text


def test_the_schema_knows_the_words_of_plugins(folder: Path, modelforge_command: Run) -> None:
    (folder / "my.py").write_text(PLUGIN, "utf-8")
    refused = modelforge_command("schema", "--plugins", "my.py")
    assert refused.exit_code == 1
    assert "plugins run only when you say so on the command line" in refused.stderr
    done = modelforge_command("schema", "--plugins", "my.py", "--trust-plugins")
    assert done.exit_code == 0, done.output
    wobble = json.loads(done.stdout)["definitions"]["item"]["properties"]["Wobble"]
    assert wobble["description"] == "Wobbles."
    told = modelforge_command("explain", "Wobble", "--plugins", "my.py", "--trust-plugins")
    assert told.stdout.startswith("Wobble (layer of modelforge_plugins.my)\n\nWobbles.")


def test_trust_ends_with_the_command(folder: Path, modelforge_command: Run) -> None:
    (folder / "my.py").write_text(PLUGIN, "utf-8")
    assert modelforge_command("schema", "--plugins", "my.py", "--trust-plugins").exit_code == 0
    assert modelforge_command("schema", "--plugins", "my.py").exit_code == 1


def test_a_new_spec_finds_the_installed_schema(folder: Path, modelforge_command: Run) -> None:
    (folder / "specs").mkdir()
    first = modelforge_command("new", "specs/one")
    assert "for completion in editors: modelforge schema --install specs\n" in first.stderr
    modelforge_command("schema", "--install")
    second = modelforge_command("new", "specs/two")
    assert "--install" not in second.stderr
    line = (folder / "specs/two.yaml").read_text("utf-8").splitlines()[0]
    assert line == "# yaml-language-server: $schema=../.modelforge/schema.json"
