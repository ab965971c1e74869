"""The formats in which a trained run can be exported."""

from __future__ import annotations

from modelforge.catalog.word import Argument, Word

_INPUTS = Argument(
    name="inputs",
    types=("string",),
    choices=("raw", "model"),
    default="raw",
    documentation=(
        "What the exported model takes. `raw`: what `data` reads (the columns of a CSV file, the "
        "pixels of an image), so that everything that was learned from the data before the model "
        "(normalization, categories) is inside the export. `model`: what the model itself takes, "
        "already preprocessed. Both are the same where nothing was learned."
    ),
)
_TOLERANCE = Argument(
    name="tolerance",
    types=("number", "null"),
    above=0.0,
    default=None,
    documentation=(
        "The largest difference allowed between the outputs of the export and of the Keras model "
        "on validation samples: absolute where an output lies between -1 and 1, else relative to "
        "it. An export that differs by more is refused and leaves nothing behind. Default: 1e-5, "
        "or 0.02 for a model that computes in 16 bits (`precision: mixed_bfloat16`)."
    ),
)

WORDS: tuple[Word, ...] = (
    Word(
        name="SavedModel",
        kind="export",
        arguments=(
            _INPUTS,
            Argument(
                name="labels",
                types=("boolean",),
                default=True,
                documentation=(
                    "Put the names of the classes inside, as the signature `class_names` (without "
                    "inputs), where the data has classes."
                ),
            ),
            _TOLERANCE,
        ),
        summary="TensorFlow's own format: for TensorFlow Serving and every language it speaks.",
        documentation=(
            "Written to `export/saved_model` in the run folder. The signature `serving_default` "
            "takes one tensor for each input by name and gives one for each output, named after "
            "the output layer. Augmentation and dropout are off: the same input always gives the "
            "same output. Needs TensorFlow only; neither Keras nor ModelForge:\n\n"
            "    loaded = tf.saved_model.load('export/saved_model')\n"
            "    loaded.signatures['serving_default'](input=batch)\n"
        ),
    ),
    Word(
        name="Keras",
        kind="export",
        arguments=(_INPUTS, _TOLERANCE),
        summary="A `.keras` file: for `keras.models.load_model`, to go on working in Python.",
        documentation=(
            "Written to `export/model.keras` in the run folder, without optimizer state. With "
            "`inputs: raw` it is one model from what `data` reads to the predictions. Use "
            "`predict`, or call it with `training=False`: Keras layers for augmentation are "
            "active when a model is simply called.\n"
        ),
    ),
)
