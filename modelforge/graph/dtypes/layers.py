"""Which rule speaks for which layer; one that is not in the list is unknown."""

from __future__ import annotations

from modelforge.graph.dtypes import features
from modelforge.graph.dtypes.call import (
    ANY,
    FLOAT,
    NUMBER,
    WHOLE_NUMBER,
    Call,
    Rule,
    Told,
    kind,
    unknown_of,
)
from modelforge.graph.dtypes.promotion import BOOL
from modelforge.graph.dtypes.words import FLOATS_ALONE
from modelforge.graph.shapes.known import Clash, Unknown
from modelforge.graph.shapes.table import AUGMENTATIONS
from modelforge.spec import Object


def computes(call: Call) -> Told:
    """What it gives is in the dtype in which it computes, whatever numbers it is given."""
    call.numbers()
    return call.compute if unknown_of(call.all) == NUMBER else ANY


def computes_floats(call: Call) -> Told:
    """The same, of floating-point numbers alone: TensorFlow has nothing for others."""
    call.numbers(but=(WHOLE_NUMBER, BOOL))
    return call.compute if unknown_of(call.all) == NUMBER else ANY


def averages(call: Call) -> Told:
    """Keras says the dtype in which it computes; the mean of whole numbers is float32."""
    call.numbers()
    floats = {kind(dtype) for dtype in call.all} == {FLOAT}
    return call.compute if floats or call.compute == "float32" else NUMBER


def keeps(call: Call) -> Told:
    """It hands on what it is given."""
    (dtype,) = call.all
    return dtype


def hands_on(call: Call) -> Told:
    """Of other than floats, Keras says the dtype of the layer, and the model gives their own."""
    return call.compute if {kind(it) for it in call.all} == {FLOAT} else unknown_of(call.all)


def merges(call: Call) -> Told:
    """The same of several, which cannot be texts and numbers."""
    call.alike()
    return hands_on(call)


def activates(call: Call) -> Told:
    """`Activation`: what TensorFlow has for floats alone it refuses, as the same function does."""
    written = call.value("activation")
    name = written.name if isinstance(written, Object) else written
    if name in FLOATS_ALONE.split():
        return computes_floats(call)
    return not_bools(call) if name in ("relu", "relu6") else hands_on(call)


def recurs(call: Call) -> Told:
    """`RNN`: it computes as its cells do."""
    call.numbers()
    cells = call.value("cell")
    for cell in cells if isinstance(cells, tuple) else (cells,):
        if not isinstance(cell, Object) or "dtype" in cell.arguments or cell.name not in _CELLS:
            return NUMBER
    return computes(call)


def not_bools(call: Call) -> Told:
    """The same as `hands_on`, of numbers alone; TensorFlow has nothing for bools."""
    call.numbers(but=(BOOL,))
    return hands_on(call)


def hands_on_numbers(call: Call) -> Told:
    """The same as `hands_on`, of numbers alone."""
    call.numbers()
    return hands_on(call)


def adds(call: Call) -> Told:
    """`Add`, which TensorFlow does with texts as well, and not with bools alone."""
    call.alike()
    if set(call.all) == {BOOL}:
        call.numbers(but=(BOOL,))
    return hands_on(call)


def calculates(call: Call) -> Told:
    """What computes with several, of which one must be a number."""
    call.alike()
    call.numbers(but=(BOOL,) if set(call.all) == {BOOL} else ())
    return hands_on(call)


def embeds_both_ways(call: Call) -> Told:
    """`ReversibleEmbedding`: the way back casts nothing, whatever Keras says of its dtype."""
    call.numbers()
    floats = {dtype for dtype in call.all if kind(dtype) not in (WHOLE_NUMBER, BOOL)}
    return call.compute if floats <= {call.compute} & {call.variable} else unknown_of(call.all)


def transforms(call: Call) -> Told:
    """`STFTSpectrogram`: TensorFlow has no Fourier transform of bfloat16."""
    call.numbers(but=(WHOLE_NUMBER, BOOL))
    if call.compute == "bfloat16":
        message = "computes in bfloat16, of which TensorFlow has no Fourier transform"
        raise Clash(message, "give it `dtype: float32`")
    return hands_on(call)


def pipeline(call: Call) -> Told:
    """`Pipeline`: one layer after another."""
    layers = call.value("layers")
    if not isinstance(layers, tuple) or not layers:
        raise Unknown
    ((argument, (dtype,)),) = call.inputs.items()
    told: Told = dtype
    for layer in layers:
        if not isinstance(layer, Object) or not isinstance(told, str):
            raise Unknown
        told = call.inner(layer, {argument: (told,)})
        if isinstance(told, tuple):
            (told,) = told
    return told


def around(call: Call) -> Told:
    """A layer around another: Keras says its own dtype, and the one within computes."""
    call.numbers()
    layer = call.value("layer")
    if not isinstance(layer, Object) or call.arguments.get("backward_layer") is not None:
        raise Unknown
    inside = call.inner(layer, call.inputs)
    return call.compute if inside in (call.compute, (call.compute,)) else NUMBER


def normalized(call: Call) -> Told:
    """`SpectralNormalization`: the same, of floats alone."""
    floats = {kind(it) for it in call.all} == {FLOAT}
    return around(call) if floats else unknown_of(call.all)


_CELLS = ("GRUCell", "LSTMCell", "SimpleRNNCell")

COMPUTES = """
    BatchNormalization CenterCrop Dense EinsumDense Embedding GRU GroupNormalization
    GroupQueryAttention LSTM LayerNormalization MelSpectrogram MultiHeadAttention Normalization
    RandomColorDegeneration RandomCrop Rescaling Resizing SimpleRNN
"""
COMPUTES_FLOATS = """
    ConvLSTM1D ConvLSTM2D ConvLSTM3D DepthwiseConv1D DepthwiseConv2D ELU MaxPooling3D PReLU
    SeparableConv1D SeparableConv2D Softmax UnitNormalization
"""
HANDS_ON = """
    AlphaDropout Cropping1D Cropping2D Cropping3D Dropout GaussianDropout GaussianNoise RepeatVector
    SpatialDropout1D SpatialDropout2D SpatialDropout3D UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
HANDS_ON_NUMBERS = """
    ActivityRegularization Attention Dot Equalization Masking RMSNormalization RandomGrayscale
"""
KEEPS = "Flatten Identity Permute Reshape"
CALCULATES = "Average Maximum Minimum Multiply Subtract"
NOT_BOOLS = "AdditiveAttention LeakyReLU ReLU"


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


def _by_dimensions() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for number in (1, 2, 3):
        found |= _each(f"Conv{number}D Conv{number}DTranspose", computes_floats)
        found |= _each(f"AveragePooling{number}D AdaptiveAveragePooling{number}D", computes_floats)
        found |= _each(f"GlobalAveragePooling{number}D", averages)
        found |= _each(f"GlobalMaxPooling{number}D", hands_on_numbers)
        found |= _each(f"MaxPooling{number}D AdaptiveMaxPooling{number}D", not_bools)
    return found


RULES: dict[str, Rule] = {
    **_by_dimensions(),
    **_each(" ".join(AUGMENTATIONS), computes),
    **_each(COMPUTES, computes),
    **_each(COMPUTES_FLOATS, computes_floats),
    **_each(HANDS_ON, hands_on),
    **_each(KEEPS, keeps),
    **_each(HANDS_ON_NUMBERS, hands_on_numbers),
    **_each(CALCULATES, calculates),
    **_each(NOT_BOOLS, not_bools),
    "Activation": activates,
    "Add": adds,
    "Bidirectional": around,
    "CategoryEncoding": features.encoded,
    "Concatenate": merges,
    "Discretization": features.ranged,
    "HashedCrossing": features.crossed,
    "Hashing": features.hashed,
    "IntegerLookup": features.numbers_looked_up,
    "Pipeline": pipeline,
    "RNN": recurs,
    "ReversibleEmbedding": embeds_both_ways,
    "STFTSpectrogram": transforms,
    "SpectralNormalization": normalized,
    "StringLookup": features.texts_looked_up,
    "TextVectorization": features.texts_looked_up,
    "TimeDistributed": around,
}

# Their inputs are not cast, or not to the dtype in which they compute.
OF_THEIR_OWN = frozenset(
    {"Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup"}
    | {"ReversibleEmbedding", "TextVectorization", "Pipeline"}
)

# What they give does not depend on their arguments.
_PLAIN = (averages, computes, computes_floats, hands_on, hands_on_numbers, keeps, not_bools)
OF_DTYPES_ALONE = frozenset(name for name, rule in RULES.items() if rule in _PLAIN)
