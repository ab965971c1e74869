"""The words of a target: what one of several columns or arrays to be predicted is."""

from __future__ import annotations

from modelforge.catalog.word import Argument, Word

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
        "number",
        "target",
        arguments=(_FROM,),
        summary="A target that is a number, or an array of numbers.",
        documentation="Becomes float32.",
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
            "to what they are: `{kind: species, sex: {classes: {names: [Female, Male]}}}`. It "
            "has to be said except where `data.target` makes the input its own target."
        ),
    )
