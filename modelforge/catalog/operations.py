"""Facts about `keras.ops` that its sources do not tell, each tested against Keras."""

from __future__ import annotations

from modelforge.catalog.word import Argument, JsonType

# The tensors of functions that only pass them on to another function.
TENSORS: dict[str, tuple[str, ...]] = {
    "ops.abs": ("x",),
    "ops.conj": ("x",),
    "ops.diff": ("a",),
    "ops.pad": ("x",),
}

# What is passed on like a tensor and is none.
NO_TENSORS: frozenset[tuple[str, str]] = frozenset(
    {
        ("ops.einsum", "kwargs"),
        ("ops.image.scale_and_translate", "output_shape"),
        ("ops.isclose", "atol"),
        ("ops.isclose", "rtol"),
        ("ops.rearrange", "axes_lengths"),
        ("ops.rearrange", "pattern"),
    }
)

# Types that the documentation does not tell, or not all of them.
TYPES: dict[tuple[str, str], tuple[JsonType, ...]] = {
    ("ops.einsum", "subscripts"): ("string",),
}

# What a function takes as `**keywords`, written as a mapping.
MORE_ARGUMENTS: dict[str, tuple[Argument, ...]] = {
    "ops.rearrange": (
        Argument(
            "axes_lengths",
            types=("null", "object"),
            keyword_only=True,
            documentation="Sizes of axes that the pattern takes apart: `{h: 8}`.",
        ),
    ),
}

_FUNCTION = "it takes a function, and a spec runs no code"
NUMBERS = "it makes a tensor out of numbers alone; a layer is called on a tensor"
_NO_TENSOR = "what it gives is no tensor that another layer could be called on"

OPERATION_REFUSALS: dict[str, str] = {
    **dict.fromkeys(
        (
            "ops.associative_scan",
            "ops.cond",
            "ops.custom_gradient",
            "ops.fori_loop",
            "ops.jvp",
            "ops.map",
            "ops.scan",
            "ops.switch",
            "ops.vectorize",
            "ops.vectorized_map",
            "ops.while_loop",
        ),
        _FUNCTION,
    ),
    **dict.fromkeys(("ops.arange", "ops.full"), NUMBERS),
    **dict.fromkeys(
        ("ops.convert_to_numpy", "ops.dtype", "ops.is_tensor", "ops.ndim", "ops.shape"),
        _NO_TENSOR,
    ),
}
