"""The functions of `keras.ops` by what dtype they give, and what can give several tensors."""

from __future__ import annotations

# What they are given, texts too.
KEPT = """
    array_split broadcast_to copy depth_to_space dsplit expand_dims extract_sequences flip fliplr
    flipud hsplit image.crop_images image.pad_images moveaxis nan_to_num ravel repeat reshape roll
    rot90 slice space_to_depth split squeeze stop_gradient swapaxes tile transpose tril triu unstack
    vsplit
"""
# The same of several, which are promoted.
JOINED = "append concatenate dstack hstack stack vstack"
# Numbers and bools, promoted.
NUMBERS = """
    abs absolute amax amin diag diagflat diagonal diff dot inner max min nanmax nanmin outer sort
    trunc vdot
"""
# Numbers, promoted; TensorFlow has none of these for bools.
NO_BOOLS = """
    add conj cross fmax fmin maximum minimum multiply negative power relu relu6 round sign subtract
    threshold
"""
# A float, of whatever numbers.
FLOATED = """
    arccos arccosh arcsin arcsinh arctan arctan2 arctanh ceil cos cosh divide divide_no_nan exp exp2
    expm1 floor log log10 log1p log2 logaddexp logaddexp2 mean median nanmean nanstd nanvar norm sin
    sinc sinh sqrt std tan tanh true_divide var
"""
# Floats; TensorFlow has nothing for other numbers.
FLOATS_ALONE = """
    average_pool celu elu erf erfc gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh log_sigmoid
    log_softmax rsqrt selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid squareplus tanh_shrink
"""
# Floats of one dtype; of others it depends on the rest of the call.
OF_FLOATS = """
    average batch_normalization conv depthwise_conv dot_product_attention image.resize
    layer_normalization leaky_relu max_pool moments rms_normalization separable_conv sparsemax
    trapezoid
"""
# Keras says float32 of them all.
OF_FLOAT32 = "logsumexp normalize reciprocal"
# Promoted, and 32 bits for sums of products of 8.
PRODUCTS = "einsum matmul tensordot"
# Bools, of texts too.
COMPARED = "allclose equal isclose isfinite isinf isnan isneginf isposinf not_equal"
# Bools.
TRUTHS = """
    all any greater greater_equal less less_equal logical_and logical_not logical_or logical_xor
    signbit
"""
# Places and counts, in 32 bits.
PLACES = "argmax argmin argpartition argsort bincount digitize nanargmax nanargmin"
COUNTS = "count_nonzero size"
# Whole numbers, and no floats.
WHOLE_ALONE = """
    bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
    bitwise_xor gcd lcm left_shift right_shift
"""
# Sums, of which those of narrow numbers are wider.
SUMS = "nanprod nansum prod sum trace"
# Promoted; of bools it depends.
DIVIDED = "floor_divide fmod mod"
# Promoted, and whole numbers of bools.
RUNNING = "clip cumprod cumsum nancumprod nancumsum"

# Numbers that a spec writes are arrays to them, with dtypes of their own.
STRICT = """
    append bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor dot fmod inner
    left_shift logaddexp logaddexp2 mod outer right_shift
"""
# Of numbers that a spec writes, Keras says a dtype that they do not give.
OF_TENSORS = "arctan2 gcd lcm"

# Layers and functions that can give more tensors than one, all of the same dtype.
SEVERAL = frozenset(
    {"AdditiveAttention", "Attention", "Bidirectional", "GRU", "GroupQueryAttention", "LSTM"}
    | {"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "MultiHeadAttention", "Pipeline", "RNN"}
    | {"SimpleRNN", "SpectralNormalization", "TimeDistributed"}
    | {f"ops.{name}" for name in ("array_split", "dsplit", "hsplit", "moments", "split")}
    | {"ops.unstack", "ops.vsplit"}
)
