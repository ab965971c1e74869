"""The models of keras.applications: what they take and what their heads give."""

from __future__ import annotations

from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.configured import LAST, image_data_format
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown

# Height and width of the pictures that a model with its head is made for, where it is not told;
# those that are not in the list take any.
SIDES = {
    **dict.fromkeys((f"DenseNet{layers}" for layers in (121, 169, 201)), 224),
    **dict.fromkeys((f"ResNet{layers}{v}" for layers in (50, 101, 152) for v in ("", "V2")), 224),
    **dict.fromkeys((f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large")), 224),
    **dict.fromkeys(("ConvNeXtXLarge", "MobileNet", "MobileNetV2", "NASNetMobile"), 224),
    **dict.fromkeys(("VGG16", "VGG19"), 224),
    **dict.fromkeys(("InceptionResNetV2", "InceptionV3", "Xception"), 299),
    **dict.fromkeys(("EfficientNetB0", "EfficientNetV2B0"), 224),
    **dict.fromkeys(("EfficientNetB1", "EfficientNetV2B1"), 240),
    **dict.fromkeys(("EfficientNetB2", "EfficientNetV2B2"), 260),
    **dict.fromkeys(("EfficientNetB3", "EfficientNetV2B3"), 300),
    **dict.fromkeys(("EfficientNetV2L", "EfficientNetV2M"), 480),
    "EfficientNetB4": 380,
    "EfficientNetB5": 456,
    "EfficientNetB6": 528,
    "EfficientNetB7": 600,
    "EfficientNetV2S": 384,
    "NASNetLarge": 331,
}


def application(arguments: Arguments, name: str) -> Result:
    """A whole application with its head: a score for each class."""
    shape = arguments.input
    if len(shape) != 4:
        raise Unknown
    top = arguments.flag("include_top")
    wanted = _made_for(arguments, SIDES.get(name), top)
    if any(a != b for a, b in zip(shape, wanted, strict=True) if None not in (a, b)):
        raise Clash(f"it is made for {wanted}", _mend(arguments, wanted, shape, top))
    if not top:
        raise Unknown
    return Result(((None, arguments.positive("classes")),), None, None)


def _made_for(arguments: Arguments, side: int | None, top: bool) -> Shape:
    """The shape of its input; raises Unknown where it depends on more."""
    if arguments.value("input_tensor") is not None:
        raise Unknown
    written = arguments.value("input_shape")
    if written is None:
        side = side if top else None
        return (None, side, side, 3) if _last() else (None, 3, side, side)
    if not isinstance(written, tuple) or len(written) != 3:
        raise Unknown
    sizes = [size for size in written if size is None or type(size) is int]
    if len(sizes) != 3:
        raise Unknown
    return (None, *sizes)


def _mend(arguments: Arguments, wanted: Shape, shape: Shape, top: bool) -> str:
    channel, height, width = (3, 1, 2) if _last() else (1, 2, 3)
    if None not in (wanted[channel], shape[channel]) and wanted[channel] != shape[channel]:
        return (
            f"`Conv2D: {{filters: {wanted[channel]}, kernel_size: 1}}` before it makes its channels"
        )
    resizing = f"`Resizing: {{height: {wanted[height]}, width: {wanted[width]}}}` before it"
    if top and arguments.value("weights") is not None:
        return f"put {resizing}; without the head (`include_top: false`) it takes any size"
    return f"put {resizing}, or say `input_shape: {[*shape[1:]]}` among its arguments"


def _last() -> bool:
    found = image_data_format()
    if found is None:
        raise Unknown
    return found == LAST
