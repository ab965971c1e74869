"""What an editor does with a spec: the table of docs/editors.md, each row tested."""

from __future__ import annotations

from dataclasses import dataclass

LAYERS = "model:\n  inputs: {x: {shape: [8, 8, 1]}}\n  layers:\n"
ITEM = LAYERS + "    - "
BLOCKS = """
blocks:
  shortcut:
    params: {filters: , strides: 2}
    layers: [{Conv2D: {filters: "${filters}", kernel_size: 1, strides: "${strides}"}}]
model: {layers: [{shortcut: 8}]}
"""  # `modelforge schema` is given this spec
WORD = ITEM + "Conv2D:\n        "


@dataclass(frozen=True)
class Completion:
    """At the cursor, all of `offers` are offered and nothing of `not_offers`."""

    what: str
    text: str
    offers: tuple[str, ...]
    not_offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hover:
    """Under the cursor, the text is shown."""

    what: str
    text: str
    shows: str


@dataclass(frozen=True)
class Blame:
    """On the line of `!` (left out of the text), this is underlined, with this message."""

    what: str
    text: str
    underlined: str
    message: str


@dataclass(frozen=True)
class Accepted:
    """Nothing is underlined."""

    what: str
    text: str


COMPLETIONS = (
    Completion("the sections of a spec", "‸\n", ("data", "model", "train", "extends", "plugins")),
    Completion("the keys of `model`", "model:\n  ‸\n", ("inputs", "layers", "outputs", "defaults")),
    Completion("the keys of `train`", "train:\n  ‸\n", ("loss", "optimizer", "epochs")),
    Completion(
        "layers at `- `",
        ITEM + "‸\n",
        ("Conv2D", "Dense", "Flatten", "ResNet50", "parallel", "use", "model"),
        ("Lambda", "Convolution2D", "TFSMLayer"),
    ),
    Completion("operations at `- `", ITEM + "‸\n", ("ops.reshape", "ops.concatenate")),
    Completion(
        "the keys beside a layer",
        ITEM + "Dense:\n        units: 3\n      ‸\n",
        ("name", "from", "repeat"),
    ),
    Completion("arguments of a layer", WORD + "‸\n", ("filters", "kernel_size", "padding")),
    Completion("... in flow style", ITEM + "Conv2D: {filters: 3, k‸}\n", ("kernel_size",)),
    Completion("the values of a choice", WORD + "padding: ‸\n", ("same", "valid")),
    Completion(
        "initializers as bare names",
        ITEM + "Dense:\n        kernel_initializer: ‸\n",
        ("HeNormal", "GlorotUniform", "Zeros"),
        ("he_normal",),
    ),
    Completion(
        "an initializer's arguments",
        ITEM + "Dense:\n        kernel_initializer:\n          HeNormal:\n            ‸\n",
        ("seed",),
    ),
    Completion(
        "activations", ITEM + "Dense:\n        activation: ‸\n", ("relu", "softmax", "gelu")
    ),
    Completion("optimizers", "train:\n  optimizer:\n    ‸\n", ("Adam", "SGD"), ("adam",)),
    Completion(
        "schedules in an optimizer",
        "train:\n  optimizer:\n    Adam:\n      learning_rate:\n        ‸\n",
        ("CosineDecay", "ExponentialDecay"),
    ),
    Completion(
        "a schedule's arguments",
        "train:\n  optimizer:\n    SGD:\n      learning_rate:\n        CosineDecay:\n          ‸\n",
        ("initial_learning_rate", "decay_steps"),
    ),
    Completion("losses", "train:\n  loss: ‸\n", ("MeanSquaredError", "Huber")),
    Completion("callbacks", "train:\n  callbacks:\n    - ‸\n", ("EarlyStopping", "CSVLogger")),
    Completion("sources of data", "data:\n  train: ‸\n", ("Digits", "Iris")),
    Completion("precisions", "train:\n  precision: ‸\n", ("float32", "mixed_bfloat16")),
    Completion("a block of a spec that `schema` was given", ITEM + "‸\n", ("shortcut",)),
    Completion("a block's parameters", ITEM + "shortcut:\n        ‸\n", ("filters", "strides")),
    Completion("a plugin's layer", ITEM + "‸\n", ("ScaledResidual",)),
    Completion(
        "a plugin's arguments",
        ITEM + "ScaledResidual:\n        ‸\n",
        ("units", "kernel_initializer"),
    ),
    Completion("a plugin's choices", ITEM + "ScaledResidual:\n        scale: ‸\n", ("one", "each")),
    Completion(
        "in a spec that extends another one",
        "extends: base.yaml\ntrain:\n  optimizer:\n    Adam:\n      ‸\n",
        ("learning_rate", "beta_1"),
    ),
    Completion(
        "what a layer can be put around",
        ITEM + "TimeDistributed:\n        layer:\n          ‸\n",
        ("Conv2D", "model", "load", "MobileNetV2", "shortcut"),
        ("parallel", "use", "ops.relu"),
    ),
    Completion(
        "the layers of a model inside a layer",
        ITEM + "TimeDistributed:\n        layer:\n          model:\n            layers:\n"
        "              - ‸\n",
        ("Conv2D", "parallel", "shortcut"),
    ),
)

HOVERS = (
    Hover("a layer: Keras's text", ITEM + "Con‸v2D: {filters: 3}\n", "2D convolution layer."),
    Hover(
        "an argument: Keras's text",
        ITEM + "Conv2D: {fil‸ters: 3}\n",
        "the dimension of the output space (the number of filters",
    ),
    Hover("an argument: its default", ITEM + "Conv2D: {pad‸ding: same}\n", 'Default: `"valid"`'),
    Hover("a section", "tr‸ain: {loss: Huber}\n", "Loss, optimizer, metrics, epochs"),
    Hover("a key of ModelForge", "train: {ep‸ochs: 3}\n", "Passes over the training data."),
    Hover(
        "an argument of a loss",
        "train: {loss: {Huber: {del‸ta: 2}}}\n",
        "A float, the point where the Huber loss function changes",
    ),
    Hover("a block's parameter", ITEM + "shortcut: {stri‸des: 1}\n", "Default: `2`"),
    Hover(
        "a plugin's word and its docstring",
        ITEM + "Scaled‸Residual: {units: 3}\n",
        "Adds a dense transformation of its input",
    ),
)

BLAMES = (
    Blame(
        "an unknown argument in a model inside a layer",
        ITEM + "TimeDistributed: {layer: {model: {layers: [{Dense: {unit: 3}}]}}}  !\n",
        "unit",
        "not allowed",
    ),
    Blame("a typo in a word", ITEM + "Conv2d: {filters: 3}  !\n", "Conv2d", "no such layer"),
    Blame("... that stands alone", ITEM + "Flaten  !\n", "Flaten", "expected a layer"),
    Blame(
        "a typo in an argument",
        ITEM + "Dense: {units: 3, actvation: relu}  !\n",
        "actvation",
        "not allowed",
    ),
    Blame("a wrong type", ITEM + "Dense: {units: many}  !\n", "many", "expected an integer"),
    Blame("a value out of range", ITEM + "Dropout: 1.5  !\n", "1.5", "above the maximum of 1"),
    Blame("a wrong choice", WORD + "padding: some  !\n", "some", "expected one of valid, same"),
    Blame("a missing argument", ITEM + "Dense: {use_bias: true}  !\n", "Dense", '"units"'),
    Blame("... of a bare word", ITEM + "Dense  !\n", "Dense", "needs arguments"),
    Blame(
        "an unknown section", "modle: 3  !\nmodel: {layers: [Flatten]}\n", "modle", "not allowed"
    ),
    Blame(
        "an unknown key", "model: {layers: [Flatten], output: [x]}  !\n", "output", "not allowed"
    ),
    Blame(
        "a typo in an initializer",
        ITEM + "Dense: {units: 3, kernel_initializer: HeNormall}  !\n",
        "HeNormall",
        "expected an initializer",
    ),
    Blame(
        "a word that runs code",
        ITEM + "Lambda: {function: f}  !\n",
        "Lambda: {function: f}",
        "refused",
    ),
    Blame(
        "a typo in a loss", "model: {layers: [Flatten]}\ntrain: {loss: Hubr}  !\n", "Hubr", "a loss"
    ),
    Blame("`yes` for true", ITEM + "Dense: {units: 3, use_bias: yes}  !\n", "yes", "true or false"),
    Blame(
        "a wrong argument of a plugin",
        ITEM + "ScaledResidual: {units: 3, scale: both}  !\n",
        "both",
        "expected one of one, each",
    ),
    Blame(
        "a typo in a spec that extends another one",
        "extends: base.yaml\ntrain: {optimizer: {Adam: {beta_3: 0.9}}}  !\n",
        "beta_3",
        "not allowed",
    ),
)

ACCEPTED = (
    Accepted(
        "`${...}` for numbers, choices, objects, lists and flags",
        'vars: {n: 3}\ndata: {train: "${source}", validation: "${share}", batch_size: "${n}"}\n'
        'model:\n  layers:\n    - Conv2D: {filters: "${n}", kernel_size: "${[n, n]}", '
        'padding: "${p}", use_bias: "${b}", kernel_initializer: "${i}"}\n      name: "c${n}"\n'
        '    - Dropout: "${n / 10}"\n      repeat: "${n}"\n      if: "${n > 2}"\n'
        'train: {loss: "${loss}", metrics: "${metrics}", optimizer: {Adam: "${rate}"}, '
        'epochs: "${n}", callbacks: "${callbacks}", loss_weights: {c: "${n}"}}\n',
    ),
    Accepted(
        "blocks, their parameters, and their use",
        "blocks:\n  stage:\n    params: {filters: , depth: 2}\n    layers:\n"
        '      - Conv2D: {filters: "${filters}", kernel_size: 3}\n        repeat: "${depth}"\n'
        + LAYERS
        + "    - stage: {filters: 8}\n      for: {f: [1, 2]}\n    - stage: 8\n    - stage\n",
    ),
    Accepted(
        "branches, shared layers and models among the layers",
        ITEM + "parallel: [[{Dense: 3}], []]\n      merge: Add\n    - use: dense\n"
        "    - model: {layers: [Flatten]}\n      name: inner\n",
    ),
    Accepted(
        "a model, a saved one, a block and an application inside a layer",
        "blocks: {conv: {layers: [ReLU, {Dense: 3}]}}\n"
        + ITEM
        + "TimeDistributed: {layer: {model: {layers: [Flatten, {Dense: 3}]}}}\n"
        "    - TimeDistributed: {layer: {load: best.keras}}\n"
        "    - TimeDistributed: {layer: conv}\n    - TimeDistributed: {layer: {conv: 3}}\n"
        "    - TimeDistributed: {layer: {MobileNetV2: {weights: null}}}\n",
    ),
    Accepted(
        "a block with the name of another spec's block",
        'blocks:\n  shortcut:\n    params: {size: }\n    layers: [{Dense: "${size}"}]\n'
        + LAYERS
        + "    - shortcut: {size: 8}\n    - shortcut: 3\n    - shortcut\n",
    ),
    Accepted("a saved model", ITEM + "load: {path: best.keras}\n      name: backbone\n"),
    Accepted("operations", ITEM + "ops.reshape: {newshape: [-1, 8]}\n"),
    Accepted("aliases of words", ITEM + "Convolution2D: {filters: 3, kernel_size: 3}\n"),
    Accepted(
        "a spec that extends another one and says only what is different",
        "extends: [base.yaml]\nwithout: [train.callbacks]\npatch: {train.epochs: 3}\n"
        "model: {inputs: {x: {dtype: int32}}}\n"
        "blocks: {stage: {params: {depth: 3}}}\n"
        "train: {optimizer: {Adam: {learning_rate: {ExponentialDecay: {decay_rate: 0.5}}}}}\n",
    ),
    Accepted(
        "`model.defaults` with a part of the arguments, required ones too",
        "model:\n  defaults:\n    Conv2D: {kernel_size: 3, padding: same}\n  layers:\n"
        "    - Conv2D: {filters: 8}\n    - Conv2D: {filters: 16}\n",
    ),
    Accepted(
        "the words of a plugin",
        "plugins: [my_layers.py]\n" + ITEM + "ScaledResidual: {units: 3, scale: each}\n"
        "train: {loss: {ConfidencePenalty: {weight: 1}}, callbacks: [StopAtValue]}\n",
    ),
    Accepted("a `$schema` key", "$schema: .modelforge/schema.json\nmodel: {layers: [Flatten]}\n"),
)
