"""Configurations that would run code, read files, or never end."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from filecorpus import attack
from filekit import Json, Kit, dense

CODE, CONFIG = "model-code", "model-config"


def _keras(class_name: str, config: Any = None, module: str | None = "keras.layers") -> Json:
    return {"class_name": class_name, "module": module, "config": config or {}}


def _function(name: Any, module: str | None = "builtins", registered: str | None = None) -> Json:
    return {
        "class_name": "function",
        "module": module,
        "config": name,
        "registered_name": registered or name,
    }


# --- no configuration of a model --------------------------------------------------------------


@attack(CONFIG, "no valid JSON")
def no_json(kit: Kit) -> Path:
    return kit.with_text("no_json.keras", b"{'class_name': 'Functional'}")


@attack(CONFIG, "no valid JSON")
def no_utf8(kit: Kit) -> Path:
    return kit.with_text("no_utf8.keras", b'{"class_name": "\xff\xfe"}')


@attack(CONFIG, "no valid JSON")
def endless_number(kit: Kit) -> Path:
    return kit.with_text("endless_number.keras", b'{"class_name": ' + b"9" * 100_000 + b"}")


@attack(CONFIG, "describes no model")
def a_list(kit: Kit) -> Path:
    return kit.with_config("a_list.keras", [kit.config()])


@attack(CONFIG, "describes no model")
def nothing(kit: Kit) -> Path:
    return kit.with_config("nothing.keras", {})


@attack(CONFIG, "describes no model")
def layers_as_text(kit: Kit) -> Path:
    return kit.changed("layers_as_text.keras", lambda c: c["config"].update(layers="Dense"))


@attack(CONFIG, "describes no model")
def inputs_of_nothing(kit: Kit) -> Path:
    def change(config: Json) -> None:
        config["config"]["input_layers"] = [["elsewhere", 0, 0]]

    return kit.changed("inputs_of_nothing.keras", change)


@attack(CONFIG, "more than 128 levels")
def deep(kit: Kit) -> Path:
    return kit.with_text("deep.keras", b'{"a":' * 200 + b"1" + b"}" * 200)


@attack(CONFIG, "more than 128 levels")
def bottomless(kit: Kit) -> Path:
    return kit.with_text("bottomless.keras", b"[" * 200_000 + b"]" * 200_000)


@attack(CONFIG, "more than 1,000,000 groups")
def many_groups(kit: Kit) -> Path:
    return kit.with_text("many_groups.keras", b"[" + b"{}," * 3_000_000 + b"{}]")


@attack(CONFIG, "more than 10,000 layers")
def many_layers(kit: Kit) -> Path:
    def change(config: Json) -> None:
        layer = {"class_name": "Dropout", "module": "keras.layers", "inbound_nodes": []}
        config["config"]["layers"] += [
            {**layer, "name": f"d{n}", "config": {"name": f"d{n}", "rate": 0}} for n in range(11000)
        ]

    return kit.changed("many_layers.keras", change)


@attack(CONFIG, "call each other more than 100,000 times")
def laughing_models(kit: Kit) -> Path:
    """A model that calls a model twice, which calls a model twice: 2^24 layers in a few kB."""
    model = kit.config()
    for level in range(24):
        outer = copy.deepcopy(kit.config())
        layer = dense(outer)
        layer |= {"class_name": "Functional", "module": "keras.src.models.functional"}
        layer["config"] = model["config"]
        layer["registered_name"] = "Functional"
        layer["inbound_nodes"] *= 2
        layer["config"]["name"] = f"m{level}"
        outer["config"]["layers"] = [
            it for it in outer["config"]["layers"] if it["class_name"] != "Sequential"
        ][:2]
        outer["config"]["output_layers"] = [[layer["name"], 0, 0]]
        model = outer
    assert len(json.dumps(model)) < 100_000
    return kit.with_config("laughing_models.keras", model)


# --- code -------------------------------------------------------------------------------------


@attack(CODE, "`Lambda`")
def a_lambda(kit: Kit) -> Path:
    import keras
    import numpy as np

    canary = str(kit.canary)
    layer = keras.layers.Lambda(lambda x: (Path(canary).touch(), x)[1], output_shape=(4,))
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense(1)])
    assert model(np.zeros((1, 4), "float32")).shape == (1, 1)
    path = kit.path("a_lambda.keras")
    model.save(path)
    kit.canary.unlink()
    return path


@attack(CODE, "bytecode")
def lambda_as_activation(kit: Kit) -> Path:
    value = {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}
    entry = _keras("__lambda__", {"value": value}, "builtins")
    return kit.with_argument("lambda_as_activation.keras", "activation", entry)


@attack(CODE, "`Lambda`")
def private_lambda(kit: Kit) -> Path:
    layer = _keras("Lambda", {"function": "x"}, "keras.src.layers.core.lambda_layer")
    return kit.with_layer("private_lambda.keras", layer)


@attack(CODE, "`TFSMLayer`")
def saved_model_layer(kit: Kit) -> Path:
    layer = _keras("TFSMLayer", {"filepath": str(kit.folder), "call_endpoint": "serve"})
    return kit.with_layer("saved_model_layer.keras", layer)


@attack(CODE, "`TorchModuleWrapper`")
def torch_module(kit: Kit) -> Path:
    layer = _keras("TorchModuleWrapper", {"module": "gASVAAAAAAA="})
    return kit.with_layer("torch_module.keras", layer)


@attack(CODE, "`JaxLayer`")
def jax_layer(kit: Kit) -> Path:
    return kit.with_layer("jax_layer.keras", _keras("JaxLayer", {"call_fn": _function("eval")}))


@attack(CODE, "`FlaxLayer`")
def flax_layer(kit: Kit) -> Path:
    return kit.with_layer("flax_layer.keras", _keras("FlaxLayer", {"module": _function("eval")}))


@attack(CODE, "the class `subprocess.Popen`")
def other_module(kit: Kit) -> Path:
    config = {"args": ["touch", str(kit.canary)]}
    return kit.with_layer("other_module.keras", _keras("Popen", config, "subprocess"))


@attack(CODE, "the class `canary_module.Layer`")
def import_of_a_module(kit: Kit) -> Path:
    return kit.with_layer("import_of_a_module.keras", _keras("Layer", {}, "canary_module"))


@attack(CODE, "the class `keras.src.utils.file_utils.get_file`")
def private_module(kit: Kit) -> Path:
    layer = _keras("get_file", {}, "keras.src.utils.file_utils")
    return kit.with_layer("private_module.keras", layer)


@attack(CODE, "the class `keras_hub.models.Backbone`")
def sister_package(kit: Kit) -> Path:
    return kit.with_layer("sister_package.keras", _keras("Backbone", {}, "keras_hub.models"))


@attack(CODE, "needs the class `evil>Layer`")
def registered(kit: Kit) -> Path:
    layer = {**_keras("Layer", {}, "evil"), "registered_name": "evil>Layer"}
    return kit.with_layer("registered.keras", layer)


@attack(CODE, "needs the class `os.system`")
def registered_over_a_known_one(kit: Kit) -> Path:
    layer = {**_keras("Dense", {"units": 3}), "registered_name": "os.system"}
    return kit.with_layer("registered_over.keras", layer)


@attack(CODE, "as another class")
def false_own_class(kit: Kit) -> Path:
    layer = {**_keras("Evil", {}), "registered_name": "modelforge>ParameterizedActivation"}
    return kit.with_layer("false_own_class.keras", layer)


@attack(CODE, "the function `keras.activations.deserialize`")
def own_class_with_another_function(kit: Kit) -> Path:
    entry = {
        **_keras("ParameterizedActivation", {"function": "deserialize", "arguments": {}}),
        "module": "modelforge.layers.activation",
        "registered_name": "modelforge>ParameterizedActivation",
    }
    return kit.with_argument("own_class.keras", "activation", entry)


@attack(CODE, "the class `keras.applications.ResNet50`")
def a_download(kit: Kit) -> Path:
    layer = _keras("ResNet50", {"weights": "imagenet"}, "keras.applications")
    return kit.with_layer("a_download.keras", layer)


@attack(CODE, "the class `keras.callbacks.BackupAndRestore`")
def a_callback(kit: Kit) -> Path:
    layer = _keras("BackupAndRestore", {"backup_dir": str(kit.canary)}, "keras.callbacks")
    return kit.with_layer("a_callback.keras", layer)


@attack(CODE, "the class `keras.src.ops.core.WhileLoop`")
def a_loop(kit: Kit) -> Path:
    return kit.with_layer("a_loop.keras", _keras("WhileLoop", {}, "keras.src.ops.core"))


@attack(CODE, "in no valid way")
def class_name_as_list(kit: Kit) -> Path:
    return kit.with_argument("class_name_as_list.keras", "activation", {"class_name": ["relu"]})


@attack(CODE, "in no valid way")
def module_as_mapping(kit: Kit) -> Path:
    layer = {**_keras("Dense", {"units": 1}), "module": {"a": 1}}
    return kit.with_layer("module_as_mapping.keras", layer)


# --- functions --------------------------------------------------------------------------------


def _as_activation(kit: Kit, name: str, function: Any) -> Path:
    return kit.with_argument(f"{name}.keras", "activation", function)


@attack(CODE, "the function `os.system`")
def function_of_os(kit: Kit) -> Path:
    return _as_activation(kit, "function_of_os", _function("system", "os"))


@attack(CODE, "the function `eval`")
def function_eval(kit: Kit) -> Path:
    return _as_activation(kit, "function_eval", _function("eval"))


@attack(CODE, "the function `os.system`")
def dotted_function(kit: Kit) -> Path:
    return _as_activation(kit, "dotted_function", _function("os.system"))


@attack(CODE, "the function `relu`")
def function_under_another_name(kit: Kit) -> Path:
    found = _function("relu", "builtins", "evil>relu")
    return _as_activation(kit, "function_under_another_name", found)


@attack(CODE, "names a function in no valid way")
def function_as_mapping(kit: Kit) -> Path:
    return _as_activation(kit, "function_as_mapping", {**_function("relu"), "config": {"a": 1}})


@attack(CODE, "the function `keras.utils.get_file`")
def function_get_file(kit: Kit) -> Path:
    return _as_activation(kit, "function_get_file", _function("get_file", "keras.utils"))


@attack(CODE, "the function `keras.config.enable_unsafe_deserialization`")
def function_unsafe(kit: Kit) -> Path:
    found = _function("enable_unsafe_deserialization", "keras.config")
    return _as_activation(kit, "function_unsafe", found)


@attack(CODE, "the function `keras.models.load_model`")
def function_load_model(kit: Kit) -> Path:
    return _as_activation(kit, "function_load_model", _function("load_model", "keras.models"))


@attack(CODE, "the function `keras.utils.plot_model`")
def function_plot(kit: Kit) -> Path:
    return _as_activation(kit, "function_plot", _function("plot_model", "keras.utils"))


@attack(CODE, "the function `keras.datasets.mnist.load_data`")
def function_download(kit: Kit) -> Path:
    found = _function("load_data", "keras.datasets.mnist")
    return _as_activation(kit, "function_download", found)


# --- values that are none ---------------------------------------------------------------------


@attack(CODE, "holds an array")
def array_type(kit: Kit) -> Path:
    entry = _keras("__numpy__", {"value": [0], "dtype": "S1500000000"}, None)
    return kit.with_argument("array_type.keras", "units", entry)


@attack(CODE, "holds a tensor")
def tensor(kit: Kit) -> Path:
    entry = _keras("__tensor__", {"value": [0], "dtype": "float32"}, None)
    return kit.with_argument("tensor.keras", "units", entry)


@attack(CODE, "holds a type of TensorFlow")
def type_spec(kit: Kit) -> Path:
    entry = {**_keras("__typespec__", [[1], "float32"], "os"), "spec_name": "system"}
    return kit.with_argument("type_spec.keras", "units", entry)


# --- files ------------------------------------------------------------------------------------


def _lookup(kit: Kit, name: str, vocabulary: Any = None) -> Path:
    config = {"vocabulary": vocabulary or str(kit.secret)}
    file = f"{name}-{len(str(config))}-{type(vocabulary).__name__}.keras"
    return kit.with_layer(file, _keras(name, config))


@attack(CODE, "for its `vocabulary`")
def string_lookup(kit: Kit) -> Path:
    return _lookup(kit, "StringLookup")


@attack(CODE, "for its `vocabulary`")
def integer_lookup(kit: Kit) -> Path:
    return _lookup(kit, "IntegerLookup")


@attack(CODE, "for its `vocabulary`")
def text_vectorization(kit: Kit) -> Path:
    return _lookup(kit, "TextVectorization")


@attack(CODE, "for its `vocabulary`")
def vocabulary_from_the_net(kit: Kit) -> Path:
    return _lookup(kit, "StringLookup", vocabulary="http://127.0.0.1:9/secret")


@attack(CODE, "for its `vocabulary`")
def vocabulary_as_bytes(kit: Kit) -> Path:
    path = _keras("__bytes__", {"value": str(kit.secret)}, None)
    return _lookup(kit, "StringLookup", vocabulary=path)


@attack(CODE, "for its `vocabulary`")
def lookup_as_activation(kit: Kit) -> Path:
    entry = _keras("StringLookup", {"vocabulary": str(kit.secret)})
    return kit.with_argument("lookup_as_activation.keras", "activation", entry)


# --- places where one does not look -----------------------------------------------------------


@attack(CODE, "the function `os.system`")
def in_a_wrapped_layer(kit: Kit) -> Path:
    inner = _keras("LSTM", {"units": 2, "activation": _function("system", "os")})
    return kit.with_layer("in_a_wrapped_layer.keras", _keras("Bidirectional", {"layer": inner}))


@attack(CODE, "`Lambda`")
def in_an_initializer(kit: Kit) -> Path:
    return kit.with_argument("in_an_initializer.keras", "kernel_initializer", _keras("Lambda"))


@attack(CODE, "the class `os.Policy`")
def as_dtype(kit: Kit) -> Path:
    return kit.with_argument("as_dtype.keras", "dtype", _keras("Policy", {}, "os"))


@attack(CODE, "the class `evil.Thing`")
def in_build_config(kit: Kit) -> Path:
    def change(config: Json) -> None:
        dense(config)["build_config"] = {"input_shape": _keras("Thing", {}, "evil")}

    return kit.changed("in_build_config.keras", change)


@attack(CODE, "the class `evil.Thing`")
def in_call_arguments(kit: Kit) -> Path:
    def change(config: Json) -> None:
        dense(config)["inbound_nodes"][0]["kwargs"] = {"mask": _keras("Thing", {}, "evil")}

    return kit.changed("in_call_arguments.keras", change)


@attack(CODE, "the function `evil.loss`")
def in_a_compiled_inner_model(kit: Kit) -> Path:
    def change(config: Json) -> None:
        inner = next(it for it in config["config"]["layers"] if it["class_name"] == "Sequential")
        inner["compile_config"] = {"loss": _function("loss", "evil")}

    return kit.changed("in_a_compiled_inner_model.keras", change)


@attack(CODE, "`Lambda`")
def in_an_inner_model(kit: Kit) -> Path:
    def change(config: Json) -> None:
        inner = next(it for it in config["config"]["layers"] if it["class_name"] == "Sequential")
        inner["config"]["layers"].append(_keras("Lambda", {"name": "deepest"}))

    return kit.changed("in_an_inner_model.keras", change)


@attack(CODE, "goes round `1000000000` times for its `num_ops`")
def endless_augmentation(kit: Kit) -> Path:
    layer = _keras("RandAugment", {"num_ops": 10**9})
    return kit.with_layer("endless_augmentation.keras", layer)


@attack(CODE, "for its `chain_depth`")
def endless_mixing(kit: Kit) -> Path:
    return kit.with_layer("endless_mixing.keras", _keras("AugMix", {"chain_depth": 10**9}))


@attack(CONFIG, "cannot be read without its code")
def no_known_sort_of_model(kit: Kit) -> Path:
    return kit.with_config("no_known_sort.keras", _keras("Dense", {"name": "d", "units": 1}))


@attack(CONFIG, "describes no model")
def outputs_as_text(kit: Kit) -> Path:
    return kit.changed("outputs_as_text.keras", lambda c: c["config"].update(output_layers="head"))
