"""A checked document becomes the typed spec that was meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modelforge.catalog import Catalog
from modelforge.document import Mapping, parse
from modelforge.document.write import to_yaml
from modelforge.findings import Findings, Source
from modelforge.resolve import resolve
from modelforge.schema import check
from modelforge.spec import Deferred, Object, Spec, read_spec
from modelforge.spec.resolved import Resolved


@pytest.fixture
def spec(document: Callable[[str], Mapping], catalog: Catalog) -> Callable[[str], Spec]:
    def read(text: str) -> Spec:
        findings = Findings()
        root = resolve(document(text), [], findings)
        assert check(root, catalog, findings), list(findings)
        return read_spec(root, catalog)

    return read


Read = Callable[[str], Spec]


def only_layer(spec: Read, text: str) -> Object:
    (layer,) = spec(f"model:\n  layers:\n    - {text}\n").model.layers
    return layer.object


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("Dense: 64", {"units": 64}),
        ("Dense: 64.0", {"units": 64}),
        ("Dense: {units: 64}", {"units": 64}),
        ("Dense: {units: '${data.classes}'}", {"units": Deferred("${data.classes}", None)}),  # type: ignore[arg-type]
        ("Reshape: [2, 3]", {"target_shape": (2, 3)}),
        ("Flatten", {}),
        ("Flatten:", {}),
        ("Dropout: 0.5", {"rate": 0.5}),
    ],
)
def test_the_one_form(text: str, arguments: dict[str, object], spec: Read) -> None:
    assert dict(only_layer(spec, text).arguments) == arguments


def test_names_become_canonical_and_objects_nest(spec: Read) -> None:
    found = only_layer(
        spec,
        "Convolution2D: {filters: 1, kernel_size: 3, kernel_initializer: he_normal, "
        "kernel_regularizer: {L2: 0.1}, activation: relu}",
    )
    assert found.name == "Conv2D"
    initializer, regularizer = (
        found.arguments["kernel_initializer"],
        found.arguments["kernel_regularizer"],
    )
    assert isinstance(initializer, Object)
    assert (initializer.kind, initializer.name) == ("initializer", "HeNormal")
    assert isinstance(regularizer, Object)
    assert dict(regularizer.arguments) == {"l2": 0.1}


def test_places_are_kept(spec: Read) -> None:
    found = only_layer(spec, "Dense: {units: 3, use_bias: false}")
    assert (found.span.line, found.span.column) == (3, 7)
    assert (found.span_of("use_bias").column, found.span_of("nothing").column) == (25, 7)


def test_defaults_of_the_train_section(spec: Read) -> None:
    train = spec("model: {layers: [Flatten]}\ntrain: {loss: mse}").train
    assert train is not None
    assert (train.epochs, train.optimizer.name, train.precision) == (1, "Adam", "float32")
    assert isinstance(train.loss, Object)
    assert train.loss.name == "MeanSquaredError"


def test_losses_and_metrics_by_output(spec: Read) -> None:
    train = spec(
        "model: {layers: [Flatten]}\n"
        "train: {loss: {a: Huber, b: {Huber: 2.0}}, metrics: {a: [AUC, accuracy]}}"
    ).train
    assert train is not None
    assert isinstance(train.loss, dict)
    assert [found.name for found in train.loss.values()] == ["Huber", "Huber"]
    assert isinstance(train.metrics, dict)
    assert [found.name for found in train.metrics["a"]] == ["AUC", "accuracy"]


def test_the_name_comes_from_the_file(spec: Read) -> None:
    assert spec("model: {layers: [Flatten]}").name == "spec"


RICH = """
name: rich
data: {train: Digits, validation: 0.2, batch_size: 16}
model:
  inputs: {image: {shape: [8, 8, 1], dtype: float32}}
  layers:
    - Conv2D: {filters: 4, kernel_size: 3, kernel_regularizer: {L2: 1e-4}}
      name: stem
    - Bidirectional: {layer: {LSTM: 4}}
      from: image
    - Dense: 3
      from: [stem]
  outputs: [dense, bidirectional]
train:
  loss: {dense: mse, bidirectional: {Huber: 2.0}}
  optimizer:
    Adam:
      learning_rate:
        ExponentialDecay: {initial_learning_rate: 1e-5, decay_steps: 10, decay_rate: 0.5}
  metrics: {dense: [MeanAbsoluteError]}
  callbacks: [{EarlyStopping: {patience: 3}}]
export: [SavedModel]
"""


def test_the_resolved_spec_is_the_same_spec(spec: Read, catalog: Catalog) -> None:
    first = Resolved(catalog).spec(spec(RICH))
    again = spec(to_yaml(first))
    assert Resolved(catalog).spec(again) == first


def test_the_resolved_spec_writes_defaults_out(spec: Read, catalog: Catalog) -> None:
    resolved = Resolved(catalog).spec(spec(RICH))
    stem = resolved["model"]["layers"][0]
    assert stem["name"] == "stem"
    assert stem["Conv2D"]["padding"] == "valid"
    assert stem["Conv2D"]["kernel_regularizer"] == {"L2": {"l2": 1e-4}}
    assert resolved["train"]["epochs"] == 1


TEXTS = ["1e-3", "no", "012", "true", "null", "~", "", "a: b", "- x", "#", "1_000", "0x1F", "é\n"]


@pytest.mark.parametrize("value", [*TEXTS, 1e-5, 1e300, 0.1, -3, None, True, [1, [2]], {"a": {}}])
def test_written_yaml_reads_back(value: object) -> None:
    text = to_yaml({"key": value})  # type: ignore[dict-item]
    findings = Findings()
    root = parse(Source("written", text), findings)
    assert root is not None, list(findings)
    from modelforge.document import plain

    assert plain(root) == {"key": value}
