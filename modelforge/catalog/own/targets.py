"""The words of a target: what one of several columns or arrays to be predicted is."""

from __future__ import annotations

from modelforge.catalog.word import Argument, Word

SEPARATOR = ";"  # between the labels of a sample, where nothing else is written

_FROM = Argument(
    "from",
    types=("string",),
    documentation="The column or the array; by default the one of the target's own name.",
)
_NAMES = Argument(
    "names",
    types=("array",),
    items=("string", "integer"),
    length=(2, 100_000),
    documentation=(
        "The classes in the order of their labels; by default all that there are. Any other value "
        "is an error."
    ),
)
_COLUMNS = Argument(
    "from",
    types=("string", "array"),
    items=("string",),
    length=(2, 100_000),
    documentation=(
        "The column that lists the labels of a sample, or the array of 0 and 1 with a column for "
        "each; by default the one of the target's own name. Or a list of columns of a table, each "
        "of which holds 0 or 1 for the label that it is named after."
    ),
)
SEPARATOR_ARGUMENT = Argument(
    "separator",
    types=("string",),
    default=SEPARATOR,
    documentation=(
        "What stands between two labels in a column of a multi-label target, such as `beach;sunset`"
        ' (`"|"`, `" "`). Blanks around a label do not count.'
    ),
)

TARGETS = (
    Word(
        "auto",
        "target",
        arguments=(_FROM,),
        summary="A target whose values tell what it is.",
        documentation=(
            "In a table, texts, booleans and whole numbers of at most 20 different values are "
            "classes; in an archive, whole numbers are. Anything else is a number."
        ),
    ),
    Word(
        "classes",
        "target",
        arguments=(_FROM, _NAMES),
        summary="A target that names a class.",
        documentation="Becomes an integer label, the place of the class in `names`.",
    ),
    Word(
        "multi_label",
        "target",
        arguments=(_COLUMNS, _NAMES, SEPARATOR_ARGUMENT),
        summary="A target that names any number of labels for each sample.",
        documentation=(
            "Becomes float32 of 0 and 1, one for each label. A sample may have several of the "
            "labels, or none: an empty cell. For a head with one sigmoid unit for each label."
        ),
    ),
    Word(
        "number",
        "target",
        arguments=(_FROM,),
        summary="A target that is a number, or an array of numbers.",
        documentation="Becomes float32.",
    ),
)


def target_kind(what: str, also: str = "") -> Argument:
    """The argument of a source that says what its only target is."""
    return Argument(
        "target_kind",
        types=("string",),
        choices=("auto", "classes", "number", "multi_label"),
        default="auto",
        documentation=(
            "Whether the target names a class, is a number, or names any number of labels "
            f"(`multi_label`). `auto` takes {what}.{also}"
        ),
    )


def target_argument(what: str, default: str | None = None) -> Argument:
    """The argument of a source that says what is to be predicted."""
    return Argument(
        "target",
        types=("string", "object"),
        kinds=("target",),
        many=True,
        items=("string",),
        default=default,
        documentation=(
            f"The {what} that is to be predicted, or several, each for the output of its name. "
            f"Several are a list of {what}s, or a mapping from the names of outputs to {what}s or "
            "to what they are: `{kind: species, sex: {classes: {names: [Female, Male]}}}`. With "
            "`target_kind: multi_label` a list is one target. It has to be said except where "
            "`data.target` makes the input its own target."
        ),
    )
