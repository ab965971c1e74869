"""The words of a CSV's `features`, named as in Keras's FeatureSpace: columns become numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from modelforge.catalog.naming import MAIN
from modelforge.catalog.word import Argument, Word

FREE_TEXT = "text"  # the word of a column that the model takes as it is

_MISSING = " A missing value adds a column that is 1 where the value was missing."
_VOCABULARY = Argument(
    "max_tokens",
    types=("integer",),
    minimum=2,
    documentation=(
        "How many categories are told apart, the most frequent ones first; the rest counts as "
        "unknown. All of them where it is left out."
    ),
)
_BINS = Argument(
    "num_bins",
    types=("integer",),
    minimum=2,
    required=True,
    documentation="Into how many ranges the values are divided, each with as many rows.",
)


def _hashed(what: str) -> tuple[Argument, ...]:
    return (
        Argument(
            "num_bins",
            types=("integer",),
            minimum=2,
            required=True,
            documentation=f"Over how many columns the {what} are spread.",
        ),
    )


def _feature(name: str, summary: str, text: str, arguments: Iterable[Argument] = ()) -> Word:
    return Word(name, "feature", arguments=tuple(arguments), summary=summary, documentation=text)


def text_inputs(words: Mapping[str, str]) -> dict[str, str]:
    """The inputs of the model by column, of those columns that are texts for the model itself.

    A column bears its own name there, with `_` for what no input's name can hold. One that is all
    that the model takes is its only input. words: how each column becomes numbers.
    """
    texts = [column for column, word in words.items() if word == FREE_TEXT]
    if len(texts) == len(words) == 1:
        return {texts[0]: MAIN}
    return {column: re.sub(r"[^A-Za-z0-9_.-]+", "_", column) for column in texts}


FEATURES = (
    _feature(
        "float", "A number as it is.", "The number as it is; missing ones become 0." + _MISSING
    ),
    _feature(
        "float_normalized",
        "A number with mean 0 and variance 1.",
        "The number less the mean, over the standard deviation, both of the training share; a "
        "missing one becomes the mean." + _MISSING,
    ),
    _feature(
        "float_rescaled",
        "A number between 0 and 1.",
        "The number so scaled that the training share lies between 0 and 1." + _MISSING,
    ),
    _feature(
        "float_discretized",
        "A number as one of several ranges.",
        "The range in which the number lies, one column for each range and one for missing "
        "values. The ranges hold equally many rows of the training share.",
        [_BINS],
    ),
    _feature(
        "boolean",
        "True or false as 1 or 0.",
        "1 for true, yes, 1, t and y, 0 for false, no, 0, f and n, in any case." + _MISSING,
    ),
    _feature(
        "string_categorical",
        "A text as one of several categories.",
        "One column for each category of the training share and one for any other. A missing "
        "value is a category of its own.",
        [_VOCABULARY],
    ),
    _feature(
        "integer_categorical",
        "A whole number as one of several categories.",
        "The same as `string_categorical`, for whole numbers that name something: a postal code, "
        "a kind of building.",
        [_VOCABULARY],
    ),
    _feature(
        "string_hashed",
        "A text spread over a fixed number of columns.",
        "One of `num_bins` columns, chosen by a hash of the text: nothing is learned, and texts "
        "never seen before are treated like all others.",
        _hashed("texts"),
    ),
    _feature(
        FREE_TEXT,
        "A text as it is, for layers such as TextVectorization.",
        "The model has an input of the column's name, one text for each sample, beside the vector "
        "`input` of all other columns (if there are any). A missing value is an empty text.",
    ),
    _feature(
        "integer_hashed",
        "A whole number spread over a fixed number of columns.",
        "The same as `string_hashed`, for whole numbers.",
        _hashed("numbers"),
    ),
)
