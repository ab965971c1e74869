"""The JSON Schema of a spec's sections: the part that is ModelForge's own language."""

from __future__ import annotations

from modelforge.catalog import LAYER_KINDS, Catalog
from modelforge.schema import composed, serving
from modelforge.schema.forms import VARIABLE, Forms, Schema
from modelforge.schema.train import train
from modelforge.schema.values import choice, described, flag, items, section, text, whole

LATEST = 1  # the number behind `modelforge:` that this release writes
INPUT_DTYPES = (  # what keras.Input takes
    *("float32", "float16", "bfloat16", "float64", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "bool", "string", "complex64", "complex128"),
    *("float8_e4m3fn", "float8_e5m2"),
)
ITEM_KEYS = ("name", "from", "call")  # what may stand beside a layer's word
ITEM_WORDS = ("use", "model", "load")  # what may stand in its place


def json_schema(catalog: Catalog, *, documentation: bool = True) -> Schema:
    """The whole JSON Schema (draft-07), with every word, for editors and for tests."""
    schema, forms = open_schema(catalog, documentation=documentation)
    whole = {**schema, "definitions": forms.definitions.complete()}
    if not documentation:
        return whole
    from modelforge.schema.editing import for_editors

    return for_editors(whole, catalog)


def open_schema(catalog: Catalog, *, documentation: bool = False) -> tuple[Schema, Forms]:
    """The schema with definitions that are made as they are looked up."""
    forms = Forms(catalog, documentation=documentation)
    forms.definitions.promise("load", _saved_model)
    sections = {
        "$schema": text("Where the editor finds this schema."),
        "modelforge": {
            **whole("The version of the spec language.", minimum=1, maximum=LATEST),
            "x-note": f"this release of ModelForge reads version {LATEST} of the language",
        },
        "name": text(
            "A short name; the run folder is called after it.",
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
            expected="letters, digits, `_`, `.` and `-`, at most 64 of them",
        ),
        "description": text("One sentence on what this model is for."),
        "plugins": {
            "type": ["array", "string"],
            "items": {"type": "string", "x-expected": "a path"},
            "x-expected": "a path or a list of paths",
            "description": "Python files, relative to this one, whose classes become words;"
            " they run only with `--trust-plugins`.",
        },
        "data": _data(forms),
        "model": forms.definitions.promise("model", lambda: _model(forms)),
        "train": train(forms),
        "export": items(forms.form("export"), "What is written when training has ended."),
    }
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "ModelForge spec",
        **section("the spec", sections, required=("model",)),
        "definitions": forms.definitions,
    }
    # These are gone when the schema checks a resolved spec, but editors must know them.
    if documentation:
        schema["properties"]["blocks"] = composed.blocks(forms)
        schema["properties"]["vars"] = {
            "type": "object",
            "description": "Values that `${name}` stands for anywhere else in the spec.",
        }
        _add_inheritance(schema)
    return schema, forms


def _add_inheritance(schema: Schema) -> None:
    """What is gone when the schema checks a merged spec, but editors must know."""
    paths = {"type": ["array", "string"], "items": {"type": "string"}}
    schema["properties"] |= {
        "extends": {
            **paths,
            "description": "The specs that this one completes and changes, relative to this file.",
        },
        "without": {**paths, "description": "Paths of what is not inherited: `train.callbacks`."},
        "patch": {
            "type": "object",
            "description": "Values by path: `train.epochs: 3`, `model.layers.head.Dense.units: 5`.",
        },
    }


def _data(forms: Forms) -> Schema:
    # Draft-07 ignores what stands beside a $ref, hence the allOf.
    source_or_share = forms.form("source", plain=["number"])
    share = {"allOf": [source_or_share], "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    return section(
        "data",
        {
            "train": described(forms.form("source"), "The data to train on."),
            "validation": described(
                share, "A source, or the share of `train` to set aside (0 to 1)."
            ),
            "test": described(share, "A source, or the share of `train` to set aside (0 to 1)."),
            "target": {
                "type": ["object", "string"],
                # Which outputs there are to learn the input, the data cannot tell.
                "pattern": f"^(inputs|{VARIABLE})$" if forms.documentation else "^inputs$",
                "minProperties": 1,
                "additionalProperties": {"type": "string", "x-expected": "the name of an input"},
                "x-expected": "`inputs`, or inputs by output name",
                "description": (
                    "`inputs`: the model learns to give its input back; or the input that an "
                    "output gives back, by output name."
                ),
            },
            "batch_size": serving.batch_size(),
            "shuffle": flag("Whether each epoch has an order of its own."),
            "seed": whole("What splits and order are derived from.", minimum=0),
            **serving.augmentation(forms),
            "cache": choice("Where decoded samples are kept.", ("auto", "memory", "none")),
        },
        required=("train",),
    )


def _model(forms: Forms) -> Schema:
    shape = {
        "type": ["array", "string"],
        "items": {
            "type": ["integer", "null", "string"],
            "minimum": 1,
            "pattern": f"^{VARIABLE}$",
            "x-expected": "an integer or null",
        },
        "pattern": f"^{VARIABLE}$",
        "x-expected": "a list of sizes without the batch axis",
        "description": "Sizes without the batch axis; null where a size is open.",
    }
    inputs = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": section(
            "an input",
            {"shape": shape, "dtype": choice("The type of its values.", INPUT_DTYPES)},
            ("shape",),
        )
        | {"x-mend": "write `{shape: [...]}`"},
        "x-expected": "inputs by name",
        "x-mend": "write `inputs: {NAME: {shape: [...]}}`",
        "description": "Inputs by name; not needed where `data` tells the only one.",
    }
    return section(
        "model",
        {
            "inputs": inputs,
            "defaults": forms.definitions.promise("defaults", lambda: composed.defaults(forms)),
            "layers": {
                "type": "array",
                "minItems": 1,
                "items": forms.definitions.promise("item", lambda: _layer_item(forms)),
                "x-expected": "a list of layers",
                "description": "Layers, each called on the one above unless `from` says otherwise.",
            },
            "outputs": items(text(""), "Layer names; the last layer where it is left out."),
            "weights": _weights(),
        },
        required=("layers",),
    )


def _layer_item(forms: Forms) -> Schema:
    name = {"type": "string", "x-expected": "a name"}
    names = {"type": ["string", "array"], "items": name, "minItems": 1}
    source = {
        **names,
        "minProperties": 1,
        "type": ["string", "array", "object"],
        "additionalProperties": {**names, "x-expected": "a name or a list of names"},
        "x-expected": "a name, a list of names, or names by call argument",
        "description": "What the layer is called on: the layer above where it is left out. "
        "`encoder.1` is the second output of `encoder`.",
    }
    item = {
        "type": ["object", "string"],
        "minProperties": 1,
        "properties": {
            **forms.words(*LAYER_KINDS),
            "use": text("The name of a layer that is applied again, with the same weights."),
            "model": forms.definitions.promise("model", lambda: _model(forms)),
            "load": {"$ref": "#/definitions/load"},
            "name": text("The layer's name."),
            "from": source,
            "call": {
                "type": "object",
                "properties": forms.options(*LAYER_KINDS) if forms.documentation else {},
                "x-expected": "a mapping of call arguments",
                "description": "Further arguments of the layer's call.",
            },
        },
        "additionalProperties": False,
        "pattern": forms.bare(*LAYER_KINDS),
        "patternErrorMessage": "unknown layer, or a layer that needs arguments",
        "x-form": [*LAYER_KINDS],
        "x-beside": [*ITEM_KEYS, *ITEM_WORDS, *composed.KEYS],
        "x-expected": "a layer",
    }
    return composed.item(item, forms) if forms.documentation else item


def _weights() -> Schema:
    properties = {
        "from": text("`.weights.h5`, `.keras`, `.h5`, or a run folder; relative to this file."),
        "partial": flag("Whether weights may be missing, left over, or of another shape."),
    }
    return {
        **section("weights", properties, ("from",)),
        "type": ["object", "string", "null"],
        "x-expected": "the path of weights, or a mapping",
        "description": "Weights that the layers start from, matched by name and shape.",
    }


def _saved_model() -> Schema:
    properties = {
        "path": text("A `.keras` file, or a run folder; relative to this file."),
        "until": {
            "type": ["string", "array"],
            "items": {"type": "string", "x-expected": "the name of a layer"},
            "minItems": 1,
            "x-expected": "the name of a layer, or a list of them",
            "description": "The layer whose output is taken: `pool`, `encoder.pool`; else the last."
            " Several make several outputs.",
        },
        "trainable": flag("Whether its weights are trained on."),
    }
    return {
        **section("load", properties, ("path",)),
        "type": ["object", "string"],
        "x-expected": "the path of a saved model, or a mapping",
        "description": "A saved model, whole or up to a layer, with its weights.",
    }
