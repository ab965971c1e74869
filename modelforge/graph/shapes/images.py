"""Preprocessing and augmentation of images."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.convolutions import with_channels
from modelforge.graph.shapes.known import Clash, Result, Unknown, one


def resized(arguments: Arguments) -> Result:
    """`Resizing`, `CenterCrop`: images of a given size."""
    height, width = arguments.positive("height"), arguments.positive("width")
    shape, last = arguments.input, arguments.channels_last()
    if len(shape) != 4:
        raise Unknown  # an image without a batch, as Keras sees it
    return one(with_channels(shape, (height, width), shape[-1 if last else 1], last))


def cropped(arguments: Arguments) -> Result:
    """`RandomCrop`: images of a given size, unless it is called as outside training."""
    found = resized(arguments)
    return one(arguments.input) if arguments.options.get("training") is False else found


def augmented(arguments: Arguments) -> Result:
    """Every augmentation that leaves the shape as it is."""
    shape = arguments.input
    if len(shape) != 4:
        raise Unknown  # Keras looks at it only when the model runs
    return one(shape)


def degenerated(arguments: Arguments) -> Result:
    """`RandomColorDegeneration`, the only one that asks for colours beforehand."""
    found = augmented(arguments)
    channels = found.shape[-1 if arguments.channels_last() else 1]
    if channels not in (3, None):
        raise Clash(f"it takes images of 3 channels, but the input has {channels}")
    return found
