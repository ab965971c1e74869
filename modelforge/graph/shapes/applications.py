"""The models of keras.applications: what images they take, and what they make of them."""

from __future__ import annotations

from modelforge.catalog.own.backbones import BACKBONES, Backbone, layers_of
from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.configured import LAST, image_data_format
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, rank, sizes_text

_GREY = (
    "read the images in colour (`color_mode: rgb` of `ImageFolder`), repeat the one channel in "
    "front of it (`Concatenate`, `from: [grey, grey, grey]`), or start without weights "
    "(`weights: null`)"
)


def application(arguments: Arguments, name: str) -> Result:
    """A network with or without its head; how many parameters it has, Keras knows."""
    found = BACKBONES.get(name)
    if found is None or image_data_format() != LAST:
        raise Unknown
    shape = arguments.input
    rank(shape, 4, "(batch, height, width, channels)")
    _check_input_shape(shape, arguments)
    _check_channels(shape, arguments)
    _check_size(shape, found, arguments)
    if layers_of(arguments.given):
        raise Unknown
    if arguments.flag("include_top"):
        return Result(((None, arguments.positive("classes")),), None, None)
    if arguments.value("pooling") is None or arguments.given.get("alpha", 1.0) != 1:
        raise Unknown
    return Result(((None, found.features),), None, None)


def _check_input_shape(shape: Shape, arguments: Arguments) -> None:
    """What is written must be what comes in: the network is made for it."""
    written = arguments.value("input_shape")
    if not isinstance(written, tuple):
        return
    sizes = tuple(size for size in written if size is None or isinstance(size, int))
    if len(sizes) != 3:
        raise Clash(f"its `input_shape` is {list(written)}, and an image has three axes")
    pairs = zip(sizes, shape[1:], strict=True)
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise Clash(
            f"its `input_shape` is {sizes_text(sizes)}",
            "leave out `input_shape`: it is taken from what comes in",
        )


def _check_channels(shape: Shape, arguments: Arguments) -> None:
    channels = shape[-1]
    if channels in (None, 3):
        return
    if arguments.value("weights") == "imagenet":
        raise Clash(
            f"the weights of ImageNet take 3 channels, and the input has {channels}",
            _GREY if channels == 1 else "start without weights: `weights: null`",
        )
    asked = arguments.given.get("preprocessing")
    if asked in ("caffe", "torch"):
        raise Clash(
            f"`preprocessing: {asked}` takes 3 channels, and the input has {channels}",
            _GREY if channels == 1 else "write `preprocessing: none`",
        )


def _check_size(shape: Shape, found: Backbone, arguments: Arguments) -> None:
    height, width = shape[1:3]
    small = [size for size in (height, width) if size is not None and size < found.least]
    if small:
        raise Clash(
            f"its images are at least {found.least} x {found.least}, and the input is "
            f"{sizes_text((height, width))}",
            "make them larger: `image_size` of `ImageFolder`, or a layer `Resizing: "
            f"{{height: {found.least}, width: {found.least}}}` in front of it",
        )
    if arguments.value("weights") != "imagenet" or not arguments.flag("include_top"):
        return
    if found.size is None:
        return
    sizes = sorted({found.size, *found.sizes})
    if None not in (height, width) and (height != width or height not in sizes):
        told = " or ".join(str(size) for size in sizes)
        raise Clash(
            f"its head has weights for images of {told} pixels in width and height, and the input "
            f"is {sizes_text((height, width))}",
            "`include_top: false` takes any size",
        )
