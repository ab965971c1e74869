import keras


@keras.saving.register_keras_serializable("others")
class Scale(keras.layers.Layer):
    def call(self, inputs):
        return inputs
