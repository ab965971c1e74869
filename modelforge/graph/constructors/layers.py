"""Layers."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.graph.constructors.around import both_ways, celled, stacked
from modelforge.graph.constructors.lookups import LOOKUPS
from modelforge.graph.constructors.values import Refusal, Rule, Values, as_number, within
from modelforge.spec import Value


def divided(values: Values) -> Iterator[Refusal]:
    """Convolutions in groups."""
    filters, groups = values.number("filters"), values.number("groups")
    if filters is not None and groups and filters % groups:
        yield Refusal(
            "groups",
            f"{filters} filters cannot be divided among {groups} groups",
            "`filters` must be a multiple of `groups`",
        )


def strided(values: Values) -> Iterator[Refusal]:
    """Convolutions that leave steps out and spread their kernel."""
    if (values.largest("strides") or 0) > 1 and (values.largest("dilation_rate") or 0) > 1:
        argument = "dilation_rate" if "dilation_rate" in values.given else "strides"
        message = "`strides` and `dilation_rate` cannot both be more than 1"
        yield Refusal(argument, message, "leave one of them out")


def padded(values: Values) -> Iterator[Refusal]:
    """Transposed convolutions: what is added must be less than a step."""
    padding, strides = values.value("output_padding"), values.value("strides")
    if padding is None:
        return
    count = next((len(it) for it in (padding, strides) if isinstance(it, tuple)), 1)
    for extra, step in zip(_each(padding, count), _each(strides, count), strict=False):
        if extra is not None and step is not None and extra >= step:
            yield Refusal(
                "output_padding",
                f"`output_padding` is {extra}, but must be less than the stride, {step}",
            )
            return


def shared_heads(values: Values) -> Iterator[Refusal]:
    """Heads of the query that share those of key and value."""
    heads, shared = values.number("num_query_heads"), values.number("num_key_value_heads")
    if heads is not None and shared and heads % shared:
        yield Refusal(
            "num_query_heads",
            f"{heads} heads of the query cannot share {shared} of key and value",
            "`num_query_heads` must be a multiple of `num_key_value_heads`",
        )


def flash(values: Values) -> Iterator[Refusal]:
    """Attention that is computed in one piece."""
    if values.flag("flash_attention") and (values.number("dropout") or 0) > 0:
        yield Refusal("dropout", "`flash_attention` knows no `dropout`", "leave one of them out")


def two_axes(values: Values) -> Iterator[Refusal]:
    """Products over an axis of each."""
    axes = values.list("axes")
    if axes is not None and len(axes) != 2:
        yield Refusal("axes", f"`axes` has {len(axes)} numbers, expected 2, or a single number")


def renormalized(values: Values) -> Iterator[Refusal]:
    """How far batch normalization may go."""
    clipping = values.value("renorm_clipping")
    if not isinstance(clipping, dict):
        return
    unknown = [key for key in clipping if key not in ("rmax", "rmin", "dmax")]
    if unknown:
        message = f"`renorm_clipping` has no `{unknown[0]}`"
        yield Refusal("renorm_clipping", message, "its keys are `rmax`, `rmin`, `dmax`")
    low, high, most = (as_number(clipping.get(key)) for key in ("rmin", "rmax", "dmax"))
    if low is not None and high is not None and high < low:
        yield Refusal("renorm_clipping", f"`rmax` is {high}, but `rmin` is {low}")
    if most is not None and most < 0:
        yield Refusal("renorm_clipping", f"`dmax` is {most}, expected at least 0")


def grouped(values: Values) -> Iterator[Refusal]:
    """Normalization in groups."""
    groups = values.number("groups")
    if groups is not None and groups <= 0 and groups != -1:
        yield Refusal("groups", f"`groups` is {groups}, expected at least 1, or -1 for one each")


def one_size(values: Values) -> Iterator[Refusal]:
    """Pooling to a size along a line."""
    size = values.list("output_size")
    if size is not None and len(size) != 1:
        yield Refusal("output_size", f"`output_size` has {len(size)} numbers, expected 1")


def measured(values: Values) -> Iterator[Refusal]:
    """Normalization by numbers that are written."""
    mean, variance = values.value("mean"), values.value("variance")
    if (mean is None) != (variance is None):
        given, lacking = ("mean", "variance") if variance is None else ("variance", "mean")
        yield Refusal(given, f"`{given}` is given without `{lacking}`", "give both, or none")
    elif isinstance(mean, tuple) != isinstance(variance, tuple) or (
        isinstance(mean, tuple) and isinstance(variance, tuple) and len(mean) != len(variance)
    ):
        yield Refusal("variance", "`mean` and `variance` are not of the same shape")
    elif isinstance(mean, tuple) and values.value("axis") is None:
        yield Refusal("mean", "`mean` is a list, but without an `axis` there is one number")


def spectral(values: Values) -> Iterator[Refusal]:
    """Short-time Fourier transforms."""
    frame, step = values.number("frame_length"), values.number("frame_step")
    length = values.number("fft_length")
    if frame is not None and step is not None and step > frame:
        yield Refusal("frame_step", f"`frame_step` is {step}, more than `frame_length`, {frame}")
    if frame is not None and length is not None and length < frame:
        yield Refusal("fft_length", f"`fft_length` is {length}, less than `frame_length`, {frame}")


def mel(values: Values) -> Iterator[Refusal]:
    """Mel spectrograms."""
    length, sequence = values.number("fft_length"), values.number("sequence_length")
    if length is not None and sequence is not None and length < sequence:
        yield Refusal(
            "fft_length", f"`fft_length` is {length}, less than `sequence_length`, {sequence}"
        )


def permuted(values: Values) -> Iterator[Refusal]:
    """The axes in another order."""
    dims = values.list("dims") or ()
    axes = [axis for axis in dims if isinstance(axis, int)]
    if len(axes) == len(dims) and sorted(axes) != list(range(1, len(axes) + 1)):
        yield Refusal(
            "dims",
            f"`dims` is {axes}, expected each of 1 to {len(axes)} once",
            "the batch axis does not move and is not counted",
        )


def reshaped(values: Values) -> Iterator[Refusal]:
    """The values in another shape."""
    sizes = [as_number(size) for size in values.list("target_shape") or ()]
    if sizes.count(-1) > 1:
        yield Refusal("target_shape", "only one size of `target_shape` may be -1")
    if any(size is not None and size < -1 for size in sizes):
        yield Refusal("target_shape", "a size of `target_shape` is less than -1")


def accelerated(values: Values) -> Iterator[Refusal]:
    """Whether cuDNN is used."""
    if values.text("use_cudnn") not in ("", "auto"):
        yield Refusal("use_cudnn", "`use_cudnn` is `auto`, `true` or `false`")


def _each(value: Value, count: int) -> list[int | float | None]:
    items = value if isinstance(value, tuple) else (value,) * count
    return [as_number(item) for item in items]


_CONVOLUTIONS = [f"Conv{n}D" for n in (1, 2, 3)]
_TRANSPOSED = [f"Conv{n}DTranspose" for n in (1, 2, 3)]
_STATEFUL = [f"ConvLSTM{n}D" for n in (1, 2, 3)]

LAYERS: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(_CONVOLUTIONS, (divided, strided)),
    **dict.fromkeys(_TRANSPOSED, (strided, padded)),
    **dict.fromkeys(_STATEFUL, (strided,)),
    **dict.fromkeys(("AdaptiveAveragePooling1D", "AdaptiveMaxPooling1D"), (one_size,)),
    **LOOKUPS,
    "BatchNormalization": (renormalized,),
    "Bidirectional": (both_ways,),
    "Dot": (two_axes,),
    "GRU": (accelerated,),
    "GroupNormalization": (grouped,),
    "GroupQueryAttention": (shared_heads, flash),
    "LSTM": (accelerated,),
    "MelSpectrogram": (mel,),
    "MultiHeadAttention": (flash,),
    "Normalization": (measured,),
    "Permute": (permuted,),
    "RNN": (celled,),
    "RandomPosterization": (within("factor", least=1, most=8),),
    "Reshape": (reshaped,),
    "STFTSpectrogram": (spectral,),
    "StackedRNNCells": (stacked,),
}
