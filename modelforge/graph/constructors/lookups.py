"""Layers that make categories of numbers and texts."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.graph.constructors.values import Refusal, Rule, Values, within
from modelforge.spec import Value


def sparse(values: Values) -> Iterator[Refusal]:
    """Numbers are never sparse."""
    if values.flag("sparse") and values.text("output_mode") == "int":
        yield Refusal(
            "sparse",
            "`sparse` needs another `output_mode` than `int`",
            "say `multi_hot` or `count`",
        )


def inverted(values: Values) -> Iterator[Refusal]:
    """From numbers back to what they stand for."""
    if values.flag("invert") and values.text("output_mode") not in ("", "int"):
        yield Refusal("output_mode", "`invert` goes with `output_mode: int` only")


def bounded(values: Values) -> Iterator[Refusal]:
    """At most so many categories."""
    most, tokens = values.number("max_tokens"), values.list("vocabulary")
    if most is not None and most <= 1:
        yield Refusal("max_tokens", f"`max_tokens` is {most}, expected at least 2")
    elif values.flag("pad_to_max_tokens") and values.value("max_tokens") is None:
        yield Refusal("pad_to_max_tokens", "`pad_to_max_tokens` needs `max_tokens`")
    elif most is not None and tokens is not None:
        special = () if _begins_with_special(values, tokens) else special_tokens(values)
        if len(tokens) + len(special) > most:
            message = f"{len(tokens)} tokens"
            message += f" and {len(special)} for others" if special else ""
            yield Refusal("vocabulary", f"{message} are more than `max_tokens`, {most}")


def vocabulary(values: Values) -> Iterator[Refusal]:
    """A vocabulary that is written, and its weights."""
    tokens = values.list("vocabulary")
    mode, weights = values.text("output_mode"), values.value("idf_weights")
    if weights is not None and mode != "tf_idf":
        yield Refusal("idf_weights", "`idf_weights` needs `output_mode: tf_idf`")
    if tokens is None:
        return
    seen: set[object] = set()
    for token in tokens:
        if isinstance(token, str | int) and token in seen:
            yield Refusal("vocabulary", f"`vocabulary` names `{token}` more than once")
            return
        seen.add(token if isinstance(token, str | int) else None)
    mask = values.value("mask_token")
    if mask is not None and mask in tokens and not _begins_with_special(values, tokens):
        yield Refusal("vocabulary", f"`vocabulary` holds the `mask_token`, `{mask}`")
    if mode == "tf_idf" and weights is None:
        yield Refusal("vocabulary", "a written vocabulary with `tf_idf` needs `idf_weights`")
    elif isinstance(weights, tuple) and len(weights) != len(tokens):
        message = f"{len(tokens)} tokens have {len(weights)} `idf_weights`, expected one each"
        yield Refusal("idf_weights", message)


def special_tokens(values: Values) -> tuple[Value, ...]:
    """What stands before the vocabulary: the mask, and what is not in it."""
    mask, others = values.value("mask_token"), values.number("num_oov_indices")
    others = 1 if others is None else int(others)
    masked = mask is not None and values.text("output_mode") == "int"
    return (*((mask,) if masked else ()), *((values.value("oov_token"),) * others))


def _begins_with_special(values: Values, tokens: tuple[Value, ...]) -> bool:
    special = special_tokens(values)
    return bool(special) and tokens[: len(special)] == special


def of_whole_numbers(values: Values) -> Iterator[Refusal]:
    """`IntegerLookup` knows one type."""
    if values.text("vocabulary_dtype") not in ("", "int64"):
        yield Refusal("vocabulary_dtype", "the numbers are `int64`", "leave it out")


def ranges(values: Values) -> Iterator[Refusal]:
    """Boundaries are written, or learnt."""
    written, learnt = values.value("bin_boundaries"), values.value("num_bins")
    if written is None and learnt is None:
        yield Refusal("", "neither `bin_boundaries` nor `num_bins` is given", "give one of them")
    elif written is not None and learnt is not None:
        message = "`num_bins` is for boundaries that are learnt, but `bin_boundaries` are given"
        yield Refusal("num_bins", message, "leave one of them out")


def hashed(values: Values) -> Iterator[Refusal]:
    """Hashes are whole numbers."""
    dtype = values.value("dtype")
    if values.text("output_mode") == "int" and dtype not in (None, "int32", "int64"):
        message = f"`output_mode: int` gives whole numbers, but `dtype` is {dtype}"
        yield Refusal("dtype", message, "say `int64`, or leave it out")
    salt = values.list("salt")
    if salt is not None and len(salt) != 2:
        yield Refusal("salt", f"`salt` has {len(salt)} numbers, expected 2, or a single number")


def text(values: Values) -> Iterator[Refusal]:
    """Texts as rows of numbers, or as counts."""
    if values.text("output_mode") in ("", "int"):
        return
    if values.value("output_sequence_length") is not None:
        message = "`output_sequence_length` needs `output_mode: int`"
        yield Refusal("output_sequence_length", message)
    if values.flag("ragged"):
        yield Refusal("ragged", "`ragged` needs `output_mode: int`")


def counted(values: Values) -> Iterator[Refusal]:
    """One column for each token."""
    if values.value("num_tokens") is None:
        yield Refusal("num_tokens", "`num_tokens` must be given")


_ALL = (sparse, inverted, bounded, vocabulary)

LOOKUPS: dict[str, tuple[Rule, ...]] = {
    "CategoryEncoding": (counted,),
    "Discretization": (ranges, sparse, within("num_bins", least=0)),
    "Hashing": (hashed, sparse),
    "IntegerLookup": (*_ALL, of_whole_numbers),
    "StringLookup": _ALL,
    "TextVectorization": (text, *_ALL),
}
