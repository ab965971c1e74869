"""Frozen features: what stays the same for a sample in all epochs is computed once.

The result is that of training without them within float error. Whether they are used follows from
the spec, the model and the data alone, so that a resumed run does as the run before it; where they
are kept, in memory or in files of the run folder, follows from what there is room for.
"""
