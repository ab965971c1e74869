"""Which rule speaks for which word: the one list; a word that is not in it is unknown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from modelforge.graph.shapes import (
    attention,
    borders,
    convolutions,
    dense,
    elementwise,
    features,
    images,
    merging,
    normalization,
    pooling,
    recurrent,
    recurrent_convolutions,
    reshaping,
    spectrograms,
    wrappers,
)
from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import Result

Rule: TypeAlias = "Callable[[Arguments], Result]"

UNCHANGED = (
    *("Activation", "ActivityRegularization", "ELU", "Identity", "LeakyReLU", "Masking", "ReLU"),
    *("AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Rescaling", "Softmax"),
)
AUGMENTATIONS = (
    *("AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix"),
    *("Equalization", "MixUp", "RandAugment", "RandomBrightness"),
    *("RandomColorJitter", "RandomContrast", "RandomElasticTransform", "RandomErasing"),
    *("RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert"),
    *("RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation"),
    *("RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom", "Solarization"),
)


def _by_dimensions() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for number in (1, 2, 3):
        found[f"Conv{number}D"] = partial(convolutions.conv, dimensions=number)
        found[f"Conv{number}DTranspose"] = partial(convolutions.transposed, dimensions=number)
        found[f"ConvLSTM{number}D"] = partial(recurrent_convolutions.conv_lstm, dimensions=number)
        for what in ("Max", "Average"):
            found[f"{what}Pooling{number}D"] = partial(pooling.pool, dimensions=number)
            found[f"Global{what}Pooling{number}D"] = partial(pooling.pool_all, dimensions=number)
            found[f"Adaptive{what}Pooling{number}D"] = partial(pooling.pool_to, dimensions=number)
        found[f"ZeroPadding{number}D"] = partial(borders.padding, dimensions=number)
        found[f"Cropping{number}D"] = partial(borders.cropping, dimensions=number)
        found[f"UpSampling{number}D"] = partial(borders.upsampling, dimensions=number)
        found[f"SpatialDropout{number}D"] = partial(elementwise.spatial_dropout, dimensions=number)
    for number in (1, 2):
        found[f"DepthwiseConv{number}D"] = partial(convolutions.depthwise, dimensions=number)
        found[f"SeparableConv{number}D"] = partial(convolutions.separable, dimensions=number)
    return found


RULES: dict[str, Rule] = {
    **_by_dimensions(),
    **dict.fromkeys(UNCHANGED, elementwise.unchanged),
    **dict.fromkeys(AUGMENTATIONS, images.augmented),
    **dict.fromkeys(("Resizing", "CenterCrop"), images.resized),
    **dict.fromkeys(("Add", "Average", "Maximum", "Minimum", "Multiply"), merging.elementwise),
    **{name: partial(recurrent.cell, name=name) for name in recurrent.CELLS},
    "AdditiveAttention": attention.additive_attention,
    "Attention": attention.attention,
    "BatchNormalization": normalization.batch,
    "Bidirectional": wrappers.bidirectional,
    "CategoryEncoding": features.category_encoding,
    "Concatenate": merging.concatenate,
    "Dense": dense.dense,
    "Discretization": features.discretized,
    "Dot": merging.dot,
    "EinsumDense": dense.einsum_dense,
    "Embedding": dense.embedding,
    "Flatten": reshaping.flatten,
    "GRU": recurrent.gru,
    "GroupNormalization": normalization.group,
    "GroupQueryAttention": attention.grouped,
    "HashedCrossing": features.crossed,
    "Hashing": features.hashing,
    "IntegerLookup": features.looked_up,
    "LSTM": recurrent.lstm,
    "LayerNormalization": normalization.layer,
    "MelSpectrogram": spectrograms.mel,
    "MultiHeadAttention": attention.multi_head,
    "Normalization": normalization.standardize,
    "PReLU": elementwise.prelu,
    "Permute": reshaping.permute,
    "Pipeline": wrappers.pipeline,
    "RMSNormalization": normalization.rms,
    "RNN": recurrent.rnn,
    "RandomColorDegeneration": images.degenerated,
    "RandomCrop": images.cropped,
    "RepeatVector": reshaping.repeat_vector,
    "Reshape": reshaping.reshape,
    "ReversibleEmbedding": dense.reversible,
    "STFTSpectrogram": spectrograms.fourier,
    "SimpleRNN": recurrent.simple_rnn,
    "SpectralNormalization": wrappers.spectral_normalization,
    "StringLookup": features.looked_up,
    "Subtract": merging.subtract,
    "TextVectorization": features.vectorized,
    "TimeDistributed": wrappers.time_distributed,
    "UnitNormalization": normalization.unit,
}
