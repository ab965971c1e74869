import keras


class Unregistered(keras.layers.Layer):
    def call(self, inputs):
        return inputs
