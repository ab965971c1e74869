"""Objects of the spec become objects of Keras, or a finding at the argument that is wrong."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from modelforge.build.objects import MAKERS, make, register
from modelforge.findings import Refused, Source, Span
from modelforge.spec import Deferred, Object

SOURCE = Source("spec.yaml", "- Conv2D: {filters: 8, kernel_size: 0}\n")
WORD = Span(SOURCE, 1, 3, 1, 9)
ARGUMENT = Span(SOURCE, 1, 24, 1, 35)


def word(kind: str, name: str, **arguments: Any) -> Object:
    return Object(kind, name, arguments, WORD, dict.fromkeys(arguments, ARGUMENT))


def refused(wanted: Object) -> Any:
    with pytest.raises(Refused) as caught:
        make(wanted)
    return caught.value.findings[0]


def test_nested_objects_are_made_first() -> None:
    layer = make(
        word(
            "layer",
            "Bidirectional",
            layer=word(
                "layer", "LSTM", units=3, kernel_initializer=word("initializer", "HeNormal")
            ),
        )
    )
    assert isinstance(layer, keras.layers.Bidirectional)
    assert layer.forward_layer.units == 3
    assert isinstance(layer.forward_layer.cell.kernel_initializer, keras.initializers.HeNormal)


def test_a_schedule_is_a_learning_rate() -> None:
    schedule = word(
        "schedule", "ExponentialDecay", initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5
    )
    optimizer = make(word("optimizer", "SGD", learning_rate=schedule))
    optimizer.iterations.assign(10)
    assert float(optimizer.learning_rate) == pytest.approx(0.05)


def test_lists_of_objects_and_of_numbers() -> None:
    cells = (word("layer", "LSTMCell", units=3), word("layer", "GRUCell", units=4))
    assert [c.units for c in make(word("layer", "StackedRNNCells", cells=cells)).cells] == [3, 4]
    assert make(word("layer", "Conv2D", filters=1, kernel_size=(3, 5))).kernel_size == (3, 5)


def test_a_whole_number_does_where_keras_insists_on_a_float() -> None:
    assert make(word("optimizer", "SGD", momentum=0)).momentum == 0.0
    with pytest.raises(ValueError, match="must be a float"):
        keras.optimizers.SGD(momentum=0)


def test_an_activation_without_arguments_is_keras_own_function() -> None:
    dense = make(word("layer", "Dense", units=2, activation=word("activation", "relu")))
    assert dense.activation is keras.activations.relu
    assert dense.get_config()["activation"] == "relu"


def test_an_activation_with_arguments_is_saved_and_loaded(tmp_path: Any) -> None:
    leaky = word("activation", "leaky_relu", negative_slope=0.5)
    model = keras.Sequential(
        [keras.Input((1,)), make(word("layer", "Activation", activation=leaky))]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.predict(np.array([[-2.0]]), verbose=0).item() == -1.0


def test_accuracy_stays_a_name_for_compile() -> None:
    assert make(word("metric", "accuracy")) == "accuracy"
    assert isinstance(make(word("metric", "Accuracy")), keras.metrics.Accuracy)


def test_what_keras_says_comes_out_at_the_argument() -> None:
    finding = refused(word("layer", "Conv2D", filters=8, kernel_size=0))
    assert finding.rule == "keras-argument"
    assert finding.message == "Keras does not accept `Conv2D.kernel_size` as it is written"
    assert finding.span is ARGUMENT
    assert "kernel_size" in finding.notes[0]
    assert "Traceback" not in " ".join(finding.notes)
    assert "modelforge explain Conv2D" in finding.notes[1]


def test_an_unknown_argument_is_blamed() -> None:
    finding = refused(word("layer", "Dense", units=1, unitz=2))
    assert finding.span is ARGUMENT
    assert "`Dense.unitz`" in finding.message


def test_what_names_no_argument_comes_out_at_the_word() -> None:
    finding = refused(word("layer", "Dense"))
    assert finding.span is WORD
    assert "units" in finding.notes[0]


def test_refused_words_cannot_be_made() -> None:
    finding = refused(word("layer", "Lambda"))
    assert finding.rule == "refused-word"
    assert "a spec runs no code" in finding.message


def test_a_configuration_of_keras_is_never_handed_on() -> None:
    config = {"class_name": "Lambda", "config": {"function": "x"}, "module": "keras.layers"}
    finding = refused(word("layer", "TimeDistributed", layer=config))
    assert finding.rule == "object-configuration"
    assert finding.span is ARGUMENT
    nested = refused(word("layer", "Dense", units=1, quantization_config={"a": (config,)}))
    assert nested.rule == "object-configuration"


def test_what_only_the_data_can_tell_is_refused() -> None:
    finding = refused(word("layer", "Dense", units=Deferred("data.classes", ARGUMENT)))
    assert finding.rule == "not-yet-known"
    assert "${data.classes}" in finding.message


def test_own_words_are_made_by_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelforge.build.objects.MAKERS", dict(MAKERS))
    register("layer", "Double", lambda by: ("double", by))
    assert make(word("layer", "Double", by=2)) == ("double", 2)


def test_unknown_words_are_findings() -> None:
    assert refused(word("layer", "Conv4D")).rule == "unknown-word"
