"""`modelforge explain`: what a reader sees of a word."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from modelforge.catalog import load_catalog
from modelforge.cli.explain import command
from modelforge.cli.explanation import as_text, types_of
from modelforge.findings import Refused
from modelforge.schema.keys import keys_of


def explain(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_layer() -> None:
    text = explain("Convolution2D")
    assert text.startswith("Conv2D (layer of keras.layers)\nalso written: Convolution2D\n")
    assert (
        "In a spec, as an item of `model.layers`:\n    Conv2D: {filters: 32, kernel_size: 3}\n"
        in text
    )
    assert "\n  filters: integer, at least 1; required\n" in text
    assert '\n  padding: valid or same; default "valid"\n' in text
    assert "\n  kernel_size: integer or list of 2 integers, at least 1; required\n" in text
    assert '\n  kernel_initializer: initializer or null; default "glorot_uniform"\n' in text
    assert "Called with: inputs" in text


def test_one_argument() -> None:
    text = explain("Dropout.rate")
    assert text.startswith("Dropout.rate: number, at least 0, at most 1; required\n\nFloat between")


def test_a_name_of_several_kinds_shows_all_of_them() -> None:
    text = explain("MeanSquaredError")
    assert "MeanSquaredError (loss of keras.losses)" in text
    assert "MeanSquaredError (metric of keras.metrics)" in text


def test_the_word_itself_goes_before_an_alias() -> None:
    assert explain("Identity").splitlines()[0].startswith("Identity (")
    assert explain("accuracy").startswith("accuracy (metric of keras.Model.compile)")


def test_a_refused_word_says_why() -> None:
    text = explain("Lambda")
    assert "A spec cannot use it: it takes a function, and a spec runs no code" in text
    assert "In a spec" not in text


def test_an_unknown_word_gets_a_suggestion() -> None:
    with pytest.raises(Refused) as caught:
        explain("Dropot")
    assert caught.value.exit_code == 1
    assert caught.value.findings[0].message == "there is no word `Dropot`"
    assert caught.value.findings[0].hint == "did you mean `Dropout`?"


def test_an_unknown_argument_gets_a_suggestion() -> None:
    with pytest.raises(Refused) as caught:
        explain("Dense.unit")
    assert caught.value.findings[0].hint == "did you mean `units`?"


def test_json() -> None:
    document = json.loads(explain("mse", "--json"))
    assert {word["kind"] for word in document["words"]} == {"loss", "metric"}
    assert all(word["name"] == "MeanSquaredError" for word in document["words"])
    units = json.loads(explain("Dense.units", "--json"))["words"][0]["arguments"]
    assert [argument["name"] for argument in units] == ["units"]
    assert units[0]["minimum"] == 1


def test_every_word_has_an_explanation() -> None:
    for word in load_catalog():
        assert as_text(word).startswith(f"{word.name} (")
        for argument in word.arguments:
            assert types_of(argument)


def test_explaining_imports_nothing_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; "
        "from modelforge.cli.explain import command; "
        "CliRunner().invoke(command, ['Dense']); "
        "print([m for m in ('keras', 'tensorflow', 'numpy') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


def test_a_key_of_the_language() -> None:
    text = explain("checkpoint")
    assert text.startswith("train.checkpoint (a key of `train`): a mapping\n\nWhen a checkpoint")
    assert "\n  every_steps: an integer, at least 1\n      After so many steps.\n" in text
    assert explain("train.checkpoint") == text
    text = explain("train.on_divergence.restore")
    assert text.startswith("train.on_divergence.restore (a key of `train.on_divergence`)")
    assert "an integer, at least 0; required" in text and "0: never, training ends" in text


def test_a_key_that_takes_words_names_them() -> None:
    text = explain("distribute")
    assert "Words: MirroredStrategy, MultiWorkerMirroredStrategy, auto, none\n" in text
    assert "a source or a number, more than 0, less than 1" in explain("data.validation")
    assert "a key of an item of `model.layers`" in explain("repeat")


def test_a_key_of_several_sections() -> None:
    text = explain("seed")
    assert "data.seed (a key of `data`)" in text and "train.seed (a key of `train`)" in text
    told = json.loads(explain("seed", "--json"))
    assert [key["path"] for key in told["keys"]] == ["data.seed", "train.seed"]


def test_every_key_is_explained_unless_a_word_has_its_name() -> None:
    keys = keys_of(load_catalog())
    assert {"train", "data.batch_size", "extends", "model.layers[].load.until"} <= keys.keys()
    for path, key in keys.items():
        assert key.description or path == "model.layers[].model", path
        assert f"{path} (" in explain(path)


def test_a_misspelt_key_is_told_with_the_nearest() -> None:
    with pytest.raises(Refused) as refused:
        explain("train.chekpoint")
    assert refused.value.findings[0].hint == "did you mean `train.checkpoint`?"
