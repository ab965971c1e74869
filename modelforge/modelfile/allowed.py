"""Which classes and functions a model file may name: those of the language, and a few beside.

Keras finds a class by its module and name, or a function by its name alone, almost anywhere in
its own packages. What is not on this list is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from modelforge.catalog import Kind, load_catalog
from modelforge.modelfile.doubts import shown

CLASSES: tuple[Kind, ...] = (
    *("layer", "initializer", "regularizer", "constraint", "loss", "metric", "optimizer"),
    *("schedule", "quantization", "dtype_policy"),
)
FUNCTIONS: tuple[Kind, ...] = ("activation", "loss", "metric", "initializer")

# What ModelForge itself registers with Keras.
# Losses are not among them: how a model is compiled is not read.
OWN = frozenset({"modelforge>ParameterizedActivation", "modelforge>Settled"})

# What plugins registered that somebody trusted, and that have been run: as Keras does, for the
# whole process.
REGISTERED: set[str] = set()

MODULES = frozenset(
    {
        *("keras", "keras.layers", "keras.models", "keras.initializers", "keras.regularizers"),
        *("keras.constraints", "keras.losses", "keras.metrics", "keras.optimizers"),
        *("keras.optimizers.schedules", "keras.activations", "keras.dtype_policies"),
        *("keras.quantizers", "keras.random"),
    }
)
# What no spec names: Keras writes it by itself.
STRUCTURE = frozenset(
    {
        *("Functional", "Sequential", "Model", "InputLayer", "SeedGenerator", "AbsMaxQuantizer"),
    }
)
# Classes without a public name; Keras imports the module and takes what is saved with models.
PRIVATE = frozenset(
    {
        ("keras.src.models.functional", "Functional"),
        ("keras.src.models.sequential", "Sequential"),
        ("keras.src.applications.convnext", "LayerScale"),
        ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer"),
    }
)
# Functions of `keras.ops` in the middle of a model are operations, each a class of its own.
OPERATIONS = re.compile(r"keras\.src\.ops\.(numpy|nn|math|linalg|image|einops)")
CORE = frozenset(
    {
        *("Scatter", "ScatterUpdate", "Slice", "SliceUpdate", "StopGradient", "Unstack", "Cast"),
        *("SaturateCast", "ConvertToTensor"),
    }
)
VALUES = frozenset({"__keras_tensor__", "__bytes__", "__slice__", "__ellipsis__", "__tuple__"})
# Words that a spec has other forms for are refused there; in a file they are what they are.
_FINE = frozenset({"InputLayer"})
_CODE = {
    "__lambda__": "holds a function of Python as bytecode, which would run",
    "__typespec__": "holds a type of TensorFlow, which is looked for in any module",
    "__tensor__": "holds a tensor, whose type could ask for any amount of memory",
}


# What an array of an operation holds (`ops.take: {indices: [0, 2]}`).
_NUMBERS = frozenset(
    {*("bool", "int8", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64")}
)


def objection(entry: Mapping[str, Any]) -> str:
    """Why an object of a configuration may not be made; empty where it may."""
    name, module = entry.get("class_name"), entry.get("module")
    registered = entry.get("registered_name")
    if not isinstance(name, str) or not isinstance(module, str | None):
        return "names a class in no valid way"
    if not isinstance(registered, str | None):
        return "names a class in no valid way"
    if name in _CODE:
        return _CODE[name]
    if name == "__numpy__":
        return _array(entry.get("config"))
    if name in VALUES:
        return ""
    if name == "function":
        return _function(entry.get("config"), module, registered)
    if registered in OWN:
        return _own(name, registered, entry.get("config"))
    if registered in REGISTERED:
        return ""
    if registered not in (None, name):
        return f"needs the class {shown(registered)}, which is not Keras's and would bring code"
    return _class(name, module)


def _array(config: Any) -> str:
    """Its numbers stand in the file one by one, so they are no more than the file may be large."""
    known = isinstance(config, Mapping) and config.get("dtype") in _NUMBERS
    if known and isinstance(config.get("value"), list | int | float):
        return ""
    return "holds an array, whose type could ask for any amount of memory"


def _own(name: str, registered: str | None, config: Any) -> str:
    if registered != f"modelforge>{name}" or not isinstance(config, Mapping):
        return f"names {shown(name)} as another class"
    if name == "Settled":  # the layer in it is looked at by itself
        return ""
    # It takes the function from `keras.activations` by its name.
    return _function(config.get("function"), "keras.activations", None)


def _class(name: str, module: str | None) -> str:
    known = _class_names()
    if known.get(name):
        return f"names `{name}`, which runs code that comes with the file"
    public = (name in known or name in STRUCTURE) and (module is None or module in MODULES)
    if public or (module, name) in PRIVATE or _is_operation(name, module or ""):
        return ""
    whole = f"{module}.{name}" if module else name
    return f"names the class {shown(whole)}, which no model of Keras needs"


def _is_operation(name: str, module: str) -> bool:
    if module == "keras.src.ops.core":
        return name in CORE
    return OPERATIONS.fullmatch(module) is not None and name.isidentifier()


def _function(name: Any, module: str | None, registered: str | None) -> str:
    if not isinstance(name, str):
        return "names a function in no valid way"
    if name in REGISTERED:
        return ""
    if (
        name in _function_names()
        and registered in (None, name)
        and module in (None, "builtins", *MODULES)
    ):
        return ""
    whole = f"{module}.{name}" if module not in (None, "builtins") else name
    return f"names the function {shown(whole)}, which no layer of Keras needs"


@cache
def _class_names() -> dict[str, str]:
    """Every class that may be named, with the reason against it where it runs code."""
    found: dict[str, str] = {}
    for name, word in load_catalog().names(*CLASSES).items():
        if word.module.startswith("keras."):
            found[name] = "" if name in _FINE or word.kind not in ("layer",) else word.refused
    return found


@cache
def _function_names() -> frozenset[str]:
    return frozenset(load_catalog().names(*FUNCTIONS))
