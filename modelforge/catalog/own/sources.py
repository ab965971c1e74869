"""The words of `data`: where samples come from."""

from __future__ import annotations

from dataclasses import replace

from modelforge.catalog.own.features import FEATURES
from modelforge.catalog.own.targets import (
    SEPARATOR_ARGUMENT,
    TARGETS,
    target_argument,
    target_kind,
)
from modelforge.catalog.word import Argument, Word


def _path(what: str) -> Argument:
    return Argument(
        "path",
        types=("string",),
        required=True,
        documentation=f"{what}, relative to the folder of the spec.",
    )


def _bundled(name: str, summary: str, text: str) -> Word:
    return Word(
        name,
        "source",
        summary=summary,
        documentation=text + " Ships with ModelForge; nothing is downloaded.",
    )


_CLASSES = Argument(
    "classes",
    types=("array",),
    items=("string", "integer"),
    length=(1, 100_000),
    documentation=(
        "The classes in the order of their labels, which are also the only ones that are read. "
        "By default all that there are, in alphabetical order."
    ),
)

_DELIMITER = Argument(
    "delimiter",
    types=("string",),
    default=",",
    documentation='The character between two values, such as `";"` or `"\\t"`.',
)

_OF_TABLE = (
    "The column of `table` that is to be predicted, or several, each for the output of its name, "
    "as in `CSV`."
)

_LABELS = (
    " The labels stand in one column, with a `separator` between them, or `target` lists columns "
    "of 0 and 1, one for each label."
)

BUNDLED = (
    _bundled(
        "Digits",
        "1,797 scans of handwritten digits, 8 x 8 grey pixels.",
        "Handwritten digits, shape [8, 8, 1], values from 0 to 16, ten classes (UCI).",
    ),
    _bundled("Iris", "150 irises of three species.", "Four lengths in centimetres, three classes."),
    _bundled(
        "Wine", "178 wines of three cultivars.", "Thirteen chemical measurements, three classes."
    ),
    _bundled(
        "BreastCancer",
        "569 tumours, malignant or benign.",
        "Thirty measurements of cell nuclei, two classes (`malignant` is 0, `benign` is 1).",
    ),
    _bundled(
        "Diabetes",
        "442 patients and the progression of their diabetes.",
        "Ten columns, centred and scaled; the target is a number between 25 and 346.",
    ),
)

IMAGE_FOLDER = Word(
    "ImageFolder",
    "source",
    arguments=(
        _path("A folder with one folder of images for each class, or with the images of `table`"),
        Argument(
            "image_size",
            types=("array", "integer"),
            items=("integer",),
            length=(2, 2),
            minimum=1,
            maximum=8192,
            documentation=(
                "[height, width] to which every image is brought, or one number for both. May be "
                "left out where all images have the same size."
            ),
        ),
        Argument(
            "color_mode",
            types=("string",),
            choices=("rgb", "grayscale", "rgba"),
            default="rgb",
            documentation="How many channels an image has: 3, 1 or 4.",
        ),
        _CLASSES,
        Argument(
            "resize",
            types=("string",),
            choices=("stretch", "pad", "crop"),
            default="stretch",
            documentation=(
                "How an image of other proportions is brought to `image_size`: stretched, padded "
                "with black, or cropped around its centre."
            ),
        ),
        Argument(
            "interpolation",
            types=("string",),
            choices=("bilinear", "nearest", "bicubic", "area", "lanczos3"),
            default="bilinear",
            documentation="How pixels are computed when an image is resized.",
        ),
        Argument(
            "on_unreadable",
            types=("string",),
            choices=("error", "skip"),
            default="error",
            documentation=(
                "What happens to a file that cannot be read as an image: `error` names it and "
                "stops, `skip` leaves it out and says how many there were."
            ),
        ),
        Argument(
            "table",
            types=("string",),
            documentation=(
                "A CSV file that names the images and says what is to be learned of each, "
                "relative to the folder of the spec. Then folders are no classes, and images that "
                "it does not name are not read."
            ),
        ),
        Argument(
            "image_column",
            types=("string",),
            documentation=(
                "The table's column of file names, which start from `path` and may lack their "
                "ending. By default the first."
            ),
        ),
        replace(target_argument("column"), documentation=_OF_TABLE),
        target_kind(
            "texts, booleans and whole numbers of at most 20 different values for classes", _LABELS
        ),
        SEPARATOR_ARGUMENT,
        _DELIMITER,
    ),
    summary="Images in one folder for each class, or named in a table.",
    documentation=(
        "Reads JPEG, PNG, WebP, GIF (the first picture) and BMP. The name of a folder is the name "
        "of its class; folders may be nested, links are not followed, hidden files are passed "
        "over. Values are float32 from 0 to 255. More than 50 million pixels are refused. "
        "Where a folder has the parts `train`, `validation` and `test`, name each as a source of "
        "its own. With `table` a CSV says what each image shows: a class, any number of labels, a "
        "number. Decoded images are kept in memory where they take less than 1 GiB "
        "(`cache: memory` and `cache: none` in `data` decide it); otherwise every epoch decodes "
        "them again, in parallel with training, and they are decoded once before it to find the "
        "unreadable ones."
    ),
)

CSV = Word(
    "CSV",
    "source",
    arguments=(
        _path("A file of comma-separated values whose first line names the columns"),
        target_argument("column"),
        target_kind(
            "texts, booleans and whole numbers of at most 20 different values for classes", _LABELS
        ),
        SEPARATOR_ARGUMENT,
        Argument(
            "features",
            types=("object",),
            kinds=("feature",),
            many=True,
            documentation=(
                "The columns to be used, each with how it becomes numbers: "
                "`{age: float_normalized, sex: string_categorical}`. By default all but the "
                "target: numbers are normalized, booleans become 0 and 1, texts categories."
            ),
        ),
        Argument(
            "ignore",
            types=("array",),
            items=("string",),
            documentation="Columns that are not to be used, where `features` is left out.",
        ),
        Argument(
            "missing",
            types=("string",),
            choices=("impute", "drop", "error"),
            default="impute",
            documentation=(
                "What happens to missing values: `impute` replaces them and adds a column that "
                "tells where, `drop` leaves the row out, `error` stops."
            ),
        ),
        Argument(
            "missing_values",
            types=("array",),
            items=("string",),
            default=["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"],
            documentation="What stands where a value is missing.",
        ),
        _DELIMITER,
        Argument(
            "classes",
            types=("array",),
            items=("string", "integer"),
            length=(2, 100_000),
            documentation=(
                "The target's classes in the order of their labels; by default all that there "
                "are, sorted. Any other value is an error."
            ),
        ),
    ),
    summary="A table: numbers, categories, booleans, missing values.",
    documentation=(
        "Reads UTF-8 text with a header line. Means, categories and ranges are learned on the "
        "training share only and travel inside the exported model. The model's one input is a "
        "vector of float32 (`data.features` long). A class is an integer label, any other target "
        "a number."
    ),
)

NPZ = Word(
    "NPZ",
    "source",
    arguments=(
        _path("An archive written by `numpy.savez`"),
        Argument(
            "inputs",
            types=("string", "array"),
            items=("string",),
            default="x",
            documentation="The array, or the arrays, that the model takes.",
        ),
        target_argument("array", default="y"),
        target_kind(
            "whole numbers for classes",
            " A multi-label array holds 0 and 1, one column for each label.",
        ),
        Argument(
            "classes",
            types=("array", "integer"),
            items=("string",),
            minimum=2,
            documentation="How many classes there are, or their names in the order of the labels.",
        ),
    ),
    summary="Arrays saved by NumPy.",
    documentation=(
        "Reads arrays whose first axis counts the samples. Whole numbers in the target are classes "
        "that count from 0. uint8 inputs become float32, other integers stay integers. Pickled "
        "objects are refused."
    ),
)

KERAS_DATASET = Word(
    "KerasDataset",
    "source",
    arguments=(
        Argument(
            "name",
            types=("string",),
            choices=("mnist", "fashion_mnist", "cifar10", "cifar100", "california_housing"),
            required=True,
            documentation="The name of the set in `keras.datasets`.",
        ),
        Argument(
            "subset",
            types=("string",),
            choices=("train", "test"),
            default="train",
            documentation="Which of the set's two parts is read.",
        ),
    ),
    summary="A data set that Keras downloads.",
    documentation=(
        "Reads a set of `keras.datasets`, which Keras downloads once and keeps in "
        "`~/.keras/datasets` (`KERAS_HOME` moves it)."
    ),
)

SOURCES = (*BUNDLED, IMAGE_FOLDER, CSV, NPZ, KERAS_DATASET)
WORDS = (*SOURCES, *FEATURES, *TARGETS)
