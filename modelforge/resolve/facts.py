"""What expressions may ask of the data, under `data.`; known once the data has been opened."""

FACTS = {
    "classes": "the number of classes",
    "class_names": "their names, in the order of the labels",
    "class_counts": "the training examples of each class, in the same order",
    "shape": "the shape of one input, without the batch",
    "size": "the number of training examples",
    "steps_per_epoch": "the training batches of one epoch",
    "features": "the number of input columns",
    "target_mean": "the mean of a numeric target over the training share",
    "target_std": "its standard deviation there",
}

TARGETS = "targets"  # the fact that lists the names of those targets that have one

# What a target tells; of one that has a name, below `data.targets.NAME.`.
TARGET_FACTS = ("classes", "class_names", "class_counts", "target_mean", "target_std")
