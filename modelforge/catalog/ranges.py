"""Bounds of numeric arguments, as Keras enforces them.

Each line is tested against Keras itself: Keras must take the value at the bound and refuse the one
beyond. A range that Keras does not enforce has no place here; that is what `lint` is for.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelforge.catalog.word import Kind


@dataclass(frozen=True)
class Range:
    """Bounds of a numeric argument, in every word named."""

    kind: Kind
    words: tuple[str, ...]
    argument: str
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None


_CONVOLUTIONS = (
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
)
_DEPTHWISE = ("DepthwiseConv1D", "DepthwiseConv2D")
_SEPARABLE = ("SeparableConv1D", "SeparableConv2D")
_CONV_LSTMS = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
_POOLINGS = (
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
)
_RECURRENT = ("GRU", "GRUCell", "LSTM", "LSTMCell", "SimpleRNN", "SimpleRNNCell")
_DROPOUTS = (
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
)
_ATTENTIONS = ("GroupQueryAttention", "MultiHeadAttention")
_FRACTION_OF_IMAGES = (
    "AugMix",
    "CutMix",
    "RandAugment",
    "RandomContrast",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomSharpness",
)
_CONFUSIONS = (
    "FalseNegatives",
    "FalsePositives",
    "Precision",
    "Recall",
    "TrueNegatives",
    "TruePositives",
)
_AT = (
    "PrecisionAtRecall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
)

RANGES: tuple[Range, ...] = (
    Range("initializer", ("VarianceScaling",), "scale", above=0),
    Range("layer", ("ActivityRegularization",), "l1", minimum=0),
    Range("layer", ("ActivityRegularization",), "l2", minimum=0),
    Range("layer", ("CategoryEncoding",), "num_tokens", minimum=1),
    Range("layer", (*_CONVOLUTIONS, *_SEPARABLE), "filters", minimum=1),
    Range(
        "layer", (*_CONVOLUTIONS, *_SEPARABLE, *_DEPTHWISE, *_CONV_LSTMS), "kernel_size", minimum=1
    ),
    Range(
        "layer",
        (*_CONVOLUTIONS, *_SEPARABLE, *_DEPTHWISE, *_CONV_LSTMS, *_POOLINGS),
        "strides",
        minimum=1,
    ),
    Range(
        "layer",
        (*_CONVOLUTIONS, *_SEPARABLE, *_DEPTHWISE, *_CONV_LSTMS),
        "dilation_rate",
        minimum=1,
    ),
    Range("layer", ("Conv1D", "Conv2D", "Conv3D"), "groups", minimum=1),
    Range("layer", (*_DEPTHWISE, *_SEPARABLE), "depth_multiplier", minimum=1),
    Range("layer", _POOLINGS, "pool_size", minimum=1),
    Range("layer", ("Dense", *_RECURRENT), "units", minimum=1),
    Range("layer", _DROPOUTS, "rate", minimum=0, maximum=1),
    Range("layer", _ATTENTIONS, "dropout", minimum=0, maximum=1),
    Range("layer", _ATTENTIONS, "sliding_window", minimum=1),
    Range("layer", ("MultiHeadAttention",), "num_heads", minimum=1),
    Range("layer", ("MultiHeadAttention",), "key_dim", minimum=1),
    Range("layer", ("MultiHeadAttention",), "value_dim", minimum=1),
    Range("layer", ("GroupQueryAttention",), "head_dim", minimum=1),
    Range("layer", ("GroupQueryAttention",), "num_key_value_heads", minimum=1),
    Range("layer", ("Embedding", "ReversibleEmbedding"), "input_dim", minimum=1),
    Range("layer", ("Embedding", "ReversibleEmbedding"), "output_dim", minimum=1),
    Range("layer", ("GaussianNoise",), "stddev", minimum=0, maximum=1),
    Range("layer", ("Hashing",), "num_bins", minimum=1),
    Range("layer", ("IntegerLookup", "StringLookup"), "num_oov_indices", minimum=0),
    Range("layer", ("LeakyReLU", "ReLU"), "negative_slope", minimum=0),
    Range("layer", ("ReLU",), "max_value", minimum=0),
    Range("layer", ("ReLU",), "threshold", minimum=0),
    Range("layer", ("RepeatVector",), "n", minimum=1),
    Range("layer", ("SpectralNormalization",), "power_iterations", minimum=1),
    Range("layer", _FRACTION_OF_IMAGES, "factor", minimum=0, maximum=1),
    Range("layer", ("RandomBrightness", "RandomRotation"), "factor", minimum=-1, maximum=1),
    Range("layer", ("RandomPosterization",), "factor", minimum=1),
    Range("layer", ("RandomColorJitter",), "brightness_factor", minimum=-1, maximum=1),
    Range("layer", ("RandomColorJitter",), "contrast_factor", minimum=0, maximum=1),
    Range("layer", ("RandomColorJitter",), "hue_factor", minimum=0, maximum=1),
    Range("layer", ("RandomElasticTransform", "RandomPerspective"), "scale", minimum=0, maximum=1),
    Range("layer", ("RandomShear",), "x_factor", minimum=0, maximum=1),
    Range("layer", ("RandomShear",), "y_factor", minimum=0, maximum=1),
    Range("layer", ("RandomTranslation",), "height_factor", minimum=-1, maximum=1),
    Range("layer", ("RandomZoom",), "height_factor", above=-1, maximum=1),
    Range("layer", ("RandomTranslation",), "width_factor", minimum=-1, maximum=1),
    Range("layer", ("RandomZoom",), "width_factor", above=-1, maximum=1),
    Range("layer", ("Solarization",), "addition_factor", minimum=0, maximum=1),
    Range("layer", ("Solarization",), "threshold_factor", minimum=0, maximum=1),
    Range("layer", ("UpSampling1D", "UpSampling2D", "UpSampling3D"), "size", minimum=1),
    Range("layer", ("ZeroPadding1D",), "padding", minimum=0),
    Range("layer", ("Cropping1D", "Cropping2D", "Cropping3D"), "cropping", minimum=0),
    Range("metric", ("AUC",), "num_thresholds", minimum=2),
    Range("metric", ("FBetaScore",), "beta", above=0),
    Range("metric", _CONFUSIONS, "thresholds", minimum=0, maximum=1),
    Range("metric", ("IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"), "num_classes", minimum=1),
    Range("metric", ("PrecisionAtRecall",), "recall", minimum=0, maximum=1),
    Range("metric", ("RecallAtPrecision",), "precision", minimum=0, maximum=1),
    Range("metric", ("SensitivityAtSpecificity",), "specificity", minimum=0, maximum=1),
    Range("metric", ("SpecificityAtSensitivity",), "sensitivity", minimum=0, maximum=1),
    Range("metric", _AT, "num_thresholds", minimum=1),
    Range("metric", ("R2Score",), "num_regressors", minimum=0),
    Range("optimizer", ("Ftrl",), "learning_rate_power", maximum=0),
    Range("optimizer", ("Ftrl",), "initial_accumulator_value", minimum=0),
    Range("optimizer", ("Ftrl",), "l1_regularization_strength", minimum=0),
    Range("optimizer", ("Ftrl",), "l2_regularization_strength", minimum=0),
    Range("optimizer", ("Ftrl",), "l2_shrinkage_regularization_strength", minimum=0),
    Range("optimizer", ("Lion",), "beta_1", above=0, maximum=1),
    Range("optimizer", ("SGD",), "momentum", minimum=0, maximum=1),
    Range("regularizer", ("L1", "L1L2"), "l1", minimum=0),
    Range("regularizer", ("L2", "L1L2"), "l2", minimum=0),
    Range("regularizer", ("OrthogonalRegularizer",), "factor", minimum=0),
    Range(
        "schedule",
        ("CosineDecay", "ExponentialDecay", "InverseTimeDecay", "PolynomialDecay"),
        "decay_steps",
        minimum=1,
    ),
    Range("schedule", ("CosineDecayRestarts",), "first_decay_steps", minimum=1),
)
