"""Sound becomes pictures of frequencies."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.convolutions import windows
from modelforge.graph.shapes.known import Result, Shape, Unknown, known_size, one, rank


def mel(arguments: Arguments) -> Result:
    """`MelSpectrogram`: bands over steps."""
    shape, bands = arguments.input, arguments.positive("num_mel_bins")
    stride = arguments.positive("sequence_stride")
    if len(shape) != 2:
        raise Unknown  # Keras looks at it only when the model runs
    steps = None if shape[1] is None else (shape[1] + stride + 1) // stride
    return one((shape[0], bands, steps))


def fourier(arguments: Arguments) -> Result:
    """`STFTSpectrogram`: a convolution with fixed kernels, for each channel."""
    shape, last = arguments.input, arguments.channels_last()
    rank(shape, 3, "(batch, length, channels)" if last else "(batch, channels, length)")
    frame, mode = arguments.positive("frame_length"), arguments.text("mode")
    step = _or(arguments, "frame_step", frame // 2 or 1)
    bins = _or(arguments, "fft_length", 1 << (frame - 1).bit_length()) // 2 + 1
    channels = known_size(shape, -1 if last else 1, "the axis of the channels")
    length = shape[1] if last else shape[2]
    same = arguments.text("padding") == "same"
    (steps,) = windows((length,), (frame,), (step,), same, "frame")
    weights = frame * bins * (1 if mode in ("real", "imag") else 2)
    frequencies = bins * (2 if mode == "stft" else 1)
    return one(_placed(arguments, (shape[0], steps, frequencies, channels), last), weights)


def _placed(arguments: Arguments, sizes: Shape, last: bool) -> Shape:
    batch, steps, frequencies, channels = sizes
    if arguments.flag("expand_dims"):
        return sizes if last else (batch, channels, steps, frequencies)
    assert frequencies is not None and channels is not None
    rows = frequencies * channels
    return (batch, steps, rows) if last else (batch, rows, steps)


def _or(arguments: Arguments, name: str, default: int) -> int:
    return default if arguments.value(name) is None else arguments.positive(name)
