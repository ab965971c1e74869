"""What an output of classes or labels says in words, inside the graph: scores, labels, the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from modelforge.evaluate.answers import Meaning
from modelforge.evaluate.multi_label import THRESHOLD
from modelforge.export.served import Served

SCORES, LABEL, LABELS = "scores", "label", "labels"
TOP_SCORES, TOP_LABELS = "top_k_scores", "top_k_labels"
NAMES = (SCORES, LABEL, LABELS, TOP_SCORES, TOP_LABELS)


def with_labels(
    served: Served, outputs: Mapping[str, Any], top_k: int, threshold: float = THRESHOLD
) -> dict[str, Any]:
    """The outputs, and of each that tells classes or labels what `labels_of` makes of it.

    The names of these carry the output's before them (`color_label`) where several outputs tell
    classes, or an output of the model has one of the names already.
    """
    told = {}
    for name, classes in served.class_names.items():
        meaning = served.meanings.get(name, "scores")
        above = threshold if name in served.multi_label else None
        labels = labels_of(outputs[name], classes, meaning, top_k, above)
        if labels:
            told[name] = labels
    prefixed = len(told) > 1 or any(name in outputs for name in NAMES)
    named = dict(outputs)
    for output, labels in told.items():
        for name, tensor in labels.items():
            # An output of the model keeps its name in any case.
            named.setdefault(f"{output}_{name}" if prefixed else name, tensor)
    return named


def labels_of(
    output: Any,
    classes: tuple[str, ...],
    meaning: Meaning,
    top_k: int,
    above: float | None = None,
) -> dict[str, Any]:
    """Of an output [n, classes] or [n, 1]; nothing where it stands for no classes.

    scores: float32 [n, classes], probabilities where the output is one or a logit. label: string
    [n], the best class. top_k_labels, top_k_scores: [n, k], the best first, no more than there are
    classes. The same reading as `evaluate.answers.read_classes`, which `predict` uses.

    above: of an output that tells any number of labels, the probability above which one counts;
    then `labels` takes the place of `label`: string [n, classes], those that count, the best
    first, and "" behind them.
    """
    output = tf.cast(output, tf.float32)
    scores = _scores(output, len(classes), meaning, several=above is not None)
    if scores is None:
        return {}
    names = tf.constant(classes)
    if above is None:
        chosen = {LABEL: tf.gather(names, tf.argmax(scores, axis=-1))}
    else:
        sorted_scores, order = tf.math.top_k(scores, len(classes))
        chosen = {LABELS: tf.where(sorted_scores > above, tf.gather(names, order), "")}
    best, places = tf.math.top_k(scores, min(top_k, len(classes)))
    return {
        SCORES: scores,
        **chosen,
        TOP_LABELS: tf.gather(names, places),
        TOP_SCORES: best,
    }


def _scores(output: Any, classes: int, meaning: Meaning, *, several: bool) -> Any:
    if several:
        if meaning == "scores" or output.shape.rank != 2 or output.shape[1] != classes:
            return None
        return tf.sigmoid(output) if meaning == "logits" else output
    if output.shape.rank == 1:
        output = output[:, tf.newaxis]
    if output.shape.rank != 2 or output.shape[1] not in (1, classes):
        return None
    if output.shape[1] == 1:
        if classes != 2 or meaning == "scores":
            return None
        second = tf.sigmoid(output) if meaning == "logits" else output
        return tf.concat([1 - second, second], axis=1)
    return tf.nn.softmax(output) if meaning == "logits" else output
