"""The formats in which a trained run can be exported."""

from __future__ import annotations

from modelforge.catalog.word import Argument, Word

_INPUTS = Argument(
    name="inputs",
    types=("string",),
    choices=("raw", "model"),
    default="raw",
    documentation=(
        "What the exported model takes. `raw`: what `data` reads, so that everything that lies "
        "before the model is inside the export: the columns of a CSV file (normalization, "
        "categories), the bytes of JPEG, PNG, WebP, GIF and BMP files (decoding, colours, size; "
        "SavedModel only, a `.keras` file takes pixels). `model`: what the model itself takes, "
        "already preprocessed. Both are the same for arrays, where nothing lies before the model."
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
                    "Put the names of the classes inside, where the data has classes: the outputs "
                    "`scores`, `label`, `top_k_labels`, `top_k_scores`, and the signature "
                    "`class_names` (without inputs)."
                ),
            ),
            Argument(
                name="top_k",
                types=("integer",),
                minimum=1,
                default=5,
                documentation=(
                    "How many classes `top_k_labels` and `top_k_scores` tell, the best first; no "
                    "more than there are."
                ),
            ),
            Argument(
                name="threshold",
                types=("number",),
                minimum=0.0,
                maximum=1.0,
                default=0.5,
                documentation=(
                    "Above which probability a label is one of `labels`, where a sample may have "
                    "several."
                ),
            ),
            Argument(
                name="version",
                types=("integer", "null"),
                minimum=1,
                default=None,
                documentation=(
                    "Write to `export/serving/VERSION`, the layout of TensorFlow Serving: "
                    "`export/serving` is what it calls the base path, and it takes the highest "
                    "version there as soon as it appears. Other versions stay."
                ),
            ),
            _TOLERANCE,
        ),
        summary="TensorFlow's own format: for TensorFlow Serving and every language it speaks.",
        documentation=(
            "Written to `export/saved_model` in the run folder. The signature `serving_default` "
            "takes one tensor for each input by name and gives one for each output, named after "
            "the output layer. An output of classes is told in words as well: `scores` [n, "
            "classes], `label` [n], `top_k_labels` and `top_k_scores` [n, k], with the output's "
            "name before them (`color_label`) where several outputs tell classes. Of labels of "
            "which a sample may have several, `labels` [n, labels] takes the place of `label`: "
            "those above `threshold`, the best first, and empty texts behind. Augmentation and "
            "dropout are off: the same input always gives the same output. Needs TensorFlow only; "
            "neither Keras nor ModelForge:\n\n"
            "    loaded = tf.saved_model.load('export/saved_model')\n"
            "    loaded.signatures['serving_default'](input=batch)\n\n"
            "Of a model on images, `serving_default` takes `image_bytes` [n], the contents of "
            "files of any format; `serve_tensor` takes their pixels. Of a model on a table, "
            "`serving_default` takes the columns, `serve_tensor` the vector that is made of them.\n"
        ),
    ),
    Word(
        name="Keras",
        kind="export",
        arguments=(_INPUTS, _TOLERANCE),
        summary="A `.keras` file: for `keras.models.load_model`, to go on working in Python.",
        documentation=(
            "Written to `export/model.keras` in the run folder, without optimizer state. With "
            "`inputs: raw` it is one model from what `data` reads (of an image, its pixels) to the "
            "predictions, which are those of the model, without labels. Use "
            "`predict`, or call it with `training=False`: Keras layers for augmentation are "
            "active when a model is simply called.\n"
        ),
    ),
)
