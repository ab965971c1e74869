"""A spec with one operation in it: inputs and arguments by rule, by fixture where those are odd."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from modelforge.catalog import Argument, Word

BATCH = 4  # also the length of the vectors that are inputs without an axis of their own

_WHOLE = re.compile(r"bitwise|shift|gcd|lcm|one_hot|multi_hot|bincount")
_INDICES = ("indices", "segment_ids", "targets", "sequence_lengths", "target_length")


@dataclass(frozen=True)
class Case:
    """inputs: (shape without the batch axis, dtype) by tensor, a list where it is one of them."""

    inputs: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


def _images(*names: str, channels: int = 3, **arguments: Any) -> Case:
    shape = ((16, 16, channels), "float32")
    return Case(dict.fromkeys(names or ("images",), shape), arguments)


_SQUARE = ((4, 4), "float32")
_VECTOR = ((), "float32")
_SEGMENTS = Case({"data": ((3,), "float32"), "segment_ids": ((), "int32")}, {"num_segments": 4})

FIXTURES: dict[str, Case] = {
    "ops.argpartition": Case({"x": ((4,), "float32")}, {"kth": 2}),
    "ops.array_split": Case({}, {"indices_or_sections": 3, "axis": 1}),
    "ops.average_pool": _images("inputs", pool_size=2),
    "ops.batch_normalization": Case(
        {"x": ((4, 4), "float32")},
        {"axis": -1, "mean": [0.1, 0.2, 0.3, 0.4], "variance": [1.0, 1.0, 2.0, 2.0]},
    ),
    "ops.bincount": Case({"x": ((4,), "int32")}, {"minlength": 4}),
    "ops.broadcast_to": Case({"x": ((1,), "float32")}, {"shape": [BATCH, 4]}),
    "ops.cast": Case({}, {"dtype": "float16"}),
    "ops.clip": Case({}, {"x_min": 0.2, "x_max": [0.5, 0.5, 0.6, 0.7]}),
    "ops.concatenate": Case({}, {"axis": -1}),
    "ops.conv": Case({"inputs": ((8, 8, 1), "float32")}, {"kernel": [[[[0.5]]]], "strides": 2}),
    "ops.cross": Case({"x1": ((3,), "float32"), "x2": ((3,), "float32")}),
    "ops.ctc_decode": Case({"inputs": ((5, 3), "float32"), "sequence_lengths": ((), "int32")}),
    "ops.ctc_loss": Case(
        {
            "target": ((2,), "int32"),
            "output": ((5, 4), "float32"),
            "target_length": ((), "int32"),
            "output_length": ((), "int32"),
        }
    ),
    "ops.depth_to_space": Case({"x": ((4, 4, 8), "float32")}, {"block_size": 2}),
    "ops.depthwise_conv": Case(
        {"inputs": ((8, 8, 1), "float32")}, {"kernel": [[[[0.5]]]], "strides": 2}
    ),
    "ops.diag": Case({"x": ((4,), "float32")}),
    "ops.digitize": Case({"x": ((4,), "float32")}, {"bins": [0.0, 0.5, 1.0]}),
    "ops.dot_product_attention": Case(
        dict.fromkeys(("query", "key", "value"), ((6, 2, 4), "float32")), {"is_causal": True}
    ),
    "ops.dsplit": Case({}, {"indices_or_sections": 2}),
    "ops.einsum": Case({"operands": [_SQUARE, _SQUARE]}, {"subscripts": "bij,bjk->bik"}),
    "ops.extract_sequences": Case(
        {"x": ((8,), "float32")}, {"sequence_length": 4, "sequence_stride": 2}
    ),
    "ops.fold": Case(
        {"x": ((16, 4), "float32")}, {"output_size": 4, "kernel_size": 2, "stride": 2}
    ),
    "ops.full_like": Case({}, {"fill_value": 3}),
    "ops.hsplit": Case({}, {"indices_or_sections": 2}),
    "ops.in_top_k": Case({"targets": ((), "int32"), "predictions": ((4,), "float32")}, {"k": 2}),
    "ops.istft": Case(
        {"x": [((6, 5), "float32"), ((6, 5), "float32")]},
        {"sequence_length": 8, "sequence_stride": 4, "fft_length": 8},
    ),
    "ops.ldexp": Case({"x1": _SQUARE, "x2": ((4, 4), "int32")}),
    "ops.logdet": Case({"x": _SQUARE}),
    "ops.lstsq": Case({"a": ((3,), "float32"), "b": _VECTOR}),
    "ops.max_pool": _images("inputs", pool_size=2),
    "ops.moments": Case({}, {"axes": [1]}),
    "ops.moveaxis": Case({}, {"source": 1, "destination": 2}),
    "ops.multi_hot": Case({"inputs": ((3,), "int32")}, {"num_classes": 4}),
    "ops.norm": Case({"x": ((4,), "float32")}, {"axis": -1}),
    "ops.pad": Case({}, {"pad_width": [[0, 0], [1, 1], [0, 2]]}),
    "ops.psnr": Case({}, {"max_val": 1.0}),
    "ops.repeat": Case({}, {"repeats": 2, "axis": 1}),
    "ops.reshape": Case({}, {"newshape": [-1, 16]}),
    "ops.saturate_cast": Case({}, {"dtype": "int8"}),
    "ops.scatter": Case({"values": _VECTOR}, {"indices": [[0], [1], [2], [3]], "shape": [6]}),
    "ops.scatter_update": Case(
        {"inputs": ((4,), "float32")}, {"indices": [[0, 1]], "updates": [2.0]}
    ),
    "ops.searchsorted": Case({"values": _VECTOR}, {"sorted_sequence": [0.0, 0.5, 1.0]}),
    "ops.segment_max": _SEGMENTS,
    "ops.segment_min": _SEGMENTS,
    "ops.segment_prod": _SEGMENTS,
    "ops.segment_sum": _SEGMENTS,
    "ops.select": Case(
        {"condlist": [((4,), "bool"), ((4,), "bool")], "choicelist": [((4,), "float32")] * 2},
        {"default": 0},
    ),
    "ops.separable_conv": Case(
        {"inputs": ((8, 8, 1), "float32")},
        {"depthwise_kernel": [[[[0.5]]]], "pointwise_kernel": [[[[0.5]]]], "strides": 2},
    ),
    "ops.slice": Case({}, {"start_indices": [0, 1, 1], "shape": [BATCH, 2, 2]}),
    "ops.slice_update": Case(
        {"inputs": ((4,), "float32")}, {"start_indices": [1, 1], "updates": [[1.0, 2.0]]}
    ),
    "ops.space_to_depth": Case({"x": ((4, 4, 2), "float32")}, {"block_size": 2}),
    "ops.sparse_categorical_crossentropy": Case(
        {"target": ((), "int32"), "output": ((4,), "float32")}
    ),
    "ops.split": Case({}, {"indices_or_sections": [1, 3], "axis": 1}),
    "ops.stft": Case(
        {"x": ((32,), "float32")},
        {"sequence_length": 8, "sequence_stride": 4, "fft_length": 8},
    ),
    "ops.swapaxes": Case({}, {"axis1": 1, "axis2": 2}),
    "ops.take": Case({}, {"indices": [0, 2], "axis": 1}),
    "ops.take_along_axis": Case({"x": _SQUARE, "indices": ((4, 4), "int32")}, {"axis": 1}),
    "ops.tensordot": Case({"x1": _SQUARE}, {"x2": [[1.0], [2.0], [3.0], [4.0]], "axes": 1}),
    "ops.tile": Case({}, {"repeats": [1, 2, 1]}),
    "ops.transpose": Case({}, {"axes": [0, 2, 1]}),
    "ops.unfold": Case({"x": ((4, 8, 8), "float32")}, {"kernel_size": 2}),
    "ops.unravel_index": Case({"indices": ((4,), "int32")}, {"shape": [2, 4]}),
    "ops.unstack": Case({}, {"axis": 1}),
    "ops.vander": Case({"x": _VECTOR}),
    "ops.where": Case(
        {"condition": ((4,), "bool"), "x1": ((4,), "float32")},
        {"x2": 0.0},
    ),
    "ops.image.affine_transform": _images(transform=[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0]),
    "ops.image.crop_images": _images(
        top_cropping=1, left_cropping=1, target_height=4, target_width=4
    ),
    "ops.image.elastic_transform": _images(seed=1),
    "ops.image.extract_patches": _images(size=4),
    "ops.image.extract_patches_3d": Case({"volumes": ((4, 8, 8, 3), "float32")}, {"size": 2}),
    "ops.image.map_coordinates": Case(
        {"inputs": ((4,), "float32")}, {"coordinates": [[0.5, 1.0], [1.5, 2.0]], "order": 1}
    ),
    "ops.image.pad_images": _images(
        top_padding=1, left_padding=1, target_height=20, target_width=20
    ),
    "ops.image.perspective_transform": _images(
        start_points=[[0, 0], [0, 8], [8, 0], [8, 8]], end_points=[[0, 0], [0, 8], [8, 0], [7, 7]]
    ),
    "ops.image.resize": _images(size=[8, 8]),
    "ops.image.scale_and_translate": _images(
        output_shape=[BATCH, 8, 8, 3],
        scale=[0.5, 0.5],
        translation=[0, 0],
        spatial_dims=[1, 2],
        method="linear",
    ),
    "ops.image.ssim": _images("image1", "image2"),
}


def case_of(word: Word) -> Case:
    """The inputs and arguments with which an operation can be tried."""
    given = FIXTURES.get(word.name, Case())
    if word.name.startswith("ops.image.") and not given.inputs:
        given = Case(_images().inputs, given.arguments)
    inputs = given.inputs or {
        tensor: [_plain(word, tensor)] * 2 if word.merges else _plain(word, tensor)
        for tensor in word.calls
        if tensor not in given.arguments and not _optional(word.argument(tensor))
    }
    needed = {a.name: 2 for a in word.required if a.name not in given.arguments}
    return Case(inputs, {**needed, **given.arguments})


def _plain(word: Word, tensor: str) -> tuple[tuple[int, ...], str]:
    if tensor == "condition":
        return (4, 4), "bool"
    return (4, 4), "int32" if _WHOLE.search(word.name) or tensor in _INDICES else "float32"


def _optional(argument: Argument | None) -> bool:
    return argument is not None and "null" in argument.types


def spec_of(word: Word) -> dict[str, Any]:
    """A spec whose only layer is the operation, called on inputs by the names of its tensors."""
    case = case_of(word)
    inputs: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    for tensor, shapes in case.inputs.items():
        several = shapes if isinstance(shapes, list) else [shapes]
        names = [f"{tensor}{number}" for number in range(len(several))]
        for name, (shape, dtype) in zip(names, several, strict=True):
            inputs[name] = {"shape": list(shape), "dtype": dtype}
        sources[tensor] = names if isinstance(shapes, list) else names[0]
    item = {word.name: case.arguments or None, "name": "made", "from": sources}
    return {"model": {"inputs": inputs, "layers": [item]}}


def values_of(spec: dict[str, Any]) -> dict[str, np.ndarray]:
    """An array for each input: symmetric, positive, invertible, small."""
    generator = np.random.default_rng(0)
    found = {}
    for name, entry in spec["model"]["inputs"].items():
        shape = (BATCH, *entry["shape"])
        array = 0.1 + 0.8 * generator.random(shape)
        if shape[1:] == (4, 4) and entry["dtype"] == "float32":
            array = (array + array.swapaxes(1, 2)) / 4 + np.eye(4)
        if entry["dtype"] == "int32":
            array = np.sort(generator.integers(0, 4, shape), axis=0)
        found[name] = (array > 0.5 if entry["dtype"] == "bool" else array).astype(entry["dtype"])
    return found
