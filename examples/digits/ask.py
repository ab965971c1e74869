"""Asks an exported digits model, with TensorFlow alone: neither ModelForge nor Keras is imported.

python ask.py path/to/export/saved_model
"""

import sys

import tensorflow as tf

# An 8 x 8 scan as the model takes it: ink from 0 to 16. This one is a seven.
SEVEN = """
 0  0  7  8 13 16 15  1
 0  0  7  7  4 11 12  0
 0  0  0  0  8 13  1  0
 0  4  8  8 15 15  6  0
 0  2 11 15 15  4  0  0
 0  0  0 16  5  0  0  0
 0  0  9 15  1  0  0  0
 0  0 13  5  0  0  0  0
"""

model = tf.saved_model.load(sys.argv[1])
answer = model.signatures["serving_default"]
names = model.signatures["class_names"]()["class_names"].numpy()

image = tf.reshape([float(ink) for ink in SEVEN.split()], (1, 8, 8, 1))
(takes,) = answer.structured_input_signature[1]
scores = answer(**{takes: image})["digit"].numpy()[0]

best = scores.argmax()
print(f"it is a {names[best].decode()} ({scores[best]:.1%})")
