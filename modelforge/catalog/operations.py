"""Facts about `keras.ops` that its sources do not tell, each tested against Keras."""

from __future__ import annotations

from modelforge.catalog.word import TAKES_FUNCTION, JsonType

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
    }
)

# Types that the documentation does not tell, or not all of them.
TYPES: dict[tuple[str, str], tuple[JsonType, ...]] = {
    ("ops.einsum", "subscripts"): ("string",),
    # Keras asks other numbers for their dtype.
    **{
        (f"ops.{name}", "y"): ("integer", "boolean", "array")
        for name in ("bitwise_left_shift", "bitwise_right_shift", "left_shift", "right_shift")
    },
}

# Keras has a default for these that fails within a model.
NEEDED: frozenset[tuple[str, str]] = frozenset({("ops.where", "x1"), ("ops.where", "x2")})

# These cannot be single numbers either, which the source of Keras's class does not show.
NO_NUMBERS: frozenset[tuple[str, str]] = frozenset(
    {
        *(("ops.append", "x1"), ("ops.append", "x2"), ("ops.average", "weights")),
        *(("ops.matmul", "x1"), ("ops.matmul", "x2")),
        *((f"ops.segment_{how}", "segment_ids") for how in ("max", "min", "prod", "sum")),
        *(("ops.solve", "a"), ("ops.solve_triangular", "a")),
        ("ops.separable_conv", "depthwise_kernel"),
    }
)
NUMBERS = "it makes a tensor out of numbers alone; a layer is called on a tensor"
_NO_TENSOR = "what it gives is no tensor that another layer could be called on"
_EAGER = "Keras cannot compute it within a model"
_OPEN = "Keras computes it only where every size is known, and the batch axis is open"

_REASONS: dict[str, tuple[str, ...]] = {
    TAKES_FUNCTION: (
        *("associative_scan", "cond", "custom_gradient", "fori_loop", "jvp", "map", "scan"),
        *("switch", "vectorize", "vectorized_map", "while_loop"),
    ),
    NUMBERS: ("arange", "bartlett", "blackman", "full", "hamming", "hanning", "kaiser"),
    _NO_TENSOR: ("convert_to_numpy", "dtype", "is_tensor", "ndim", "shape"),
    _EAGER: ("corrcoef", "histogram", "view_as_complex"),
    "Keras cannot read it again from a saved model; use a layer, `AdaptiveAveragePooling2D`": (
        "adaptive_average_pool",
    ),
    "Keras cannot read it again from a saved model; use a layer, `AdaptiveMaxPooling2D`": (
        "adaptive_max_pool",
    ),
    f"{_EAGER}; use a layer, `Conv2DTranspose`": ("conv_transpose",),
    f"{_EAGER}; use `ops.equal` and `ops.any`": ("isin",),
    f"{_EAGER}; use `ops.einsum` and `ops.reshape`": ("kron",),
    _OPEN: ("correlate", "lu_factor"),
    f"{_OPEN}; use `ops.reshape` and `ops.transpose`": ("rearrange",),
    "YAML has no slices; use `ops.take` for one place, `ops.slice` for a range": ("get_item",),
}

OPERATION_REFUSALS: dict[str, str] = {
    f"ops.{name}": reason for reason, names in _REASONS.items() for name in names
}
