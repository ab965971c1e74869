"""Asks the exported model about image files, with TensorFlow alone: no ModelForge, no Keras.

python ask.py run/export/saved_model new.png other.jpg
"""

import sys

import tensorflow as tf

folder, *names = sys.argv[1:]
model = tf.saved_model.load(folder)
contents = []
for name in names:
    with open(name, "rb") as file:
        contents.append(file.read())
found = model.signatures["serving_default"](image_bytes=tf.constant(contents))
for name, labels, scores in zip(
    names, found["top_k_labels"].numpy(), found["top_k_scores"].numpy(), strict=True
):
    best = zip(labels, scores, strict=True)
    print(f"{name}: " + ", ".join(f"{label.decode()} {score:.1%}" for label, score in best))
