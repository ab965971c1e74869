"""What Keras says is told without its wrapping."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.build.trouble import comes_from_keras, sentence


def _raised(function: object, *arguments: object) -> Exception:
    with pytest.raises(Exception) as raised:
        function(*arguments)  # type: ignore[operator]
    return raised.value


def test_the_wrapping_of_a_layers_call_is_taken_off() -> None:
    error = _raised(keras.layers.Reshape((3, 3)), np.ones((1, 4)))
    assert "Exception encountered" in str(error)
    text = sentence(error)
    assert text.startswith("The total size of the tensor must be unchanged")
    assert "Arguments received" not in text and "\x1b" not in text and "\n" not in text


def test_the_names_of_operations_are_taken_off() -> None:
    error = _raised(tf.matmul, tf.ones((2, 3)), tf.ones((2, 3)))
    text = sentence(error)
    assert "{{" not in text and "[Op:" not in text
    assert "Matrix size-incompatible" in text


def test_a_word_alone_says_what_it_is() -> None:
    assert sentence(KeyError("units")) == "KeyError: 'units'"
    assert sentence(ValueError("")) == "ValueError"


def test_long_messages_are_cut() -> None:
    assert len(sentence(ValueError("word " * 500))) < 420


def test_who_raised_it() -> None:
    assert comes_from_keras(_raised(keras.layers.Dense, -1))
    assert not comes_from_keras(_raised(lambda: {}["missing"]))


def test_what_a_graph_says_comes_out_without_its_trace() -> None:
    said = (
        "Graph execution error:\n\nDetected at node Add defined at (most recent call last):\n"
        '  File "train.py", line 11, in <module>\n\n  File "step.py", line 2, in step\n\n'
        "Trying to access a resource\n\t [[{{node Add}}]] [Op:__inference_step_1442] "
    )
    error = tf.errors.InvalidArgumentError(None, None, said)
    assert sentence(error) == "InvalidArgumentError: Trying to access a resource"
