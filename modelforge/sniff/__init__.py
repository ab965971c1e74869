"""What a file or folder of data looks like, without TensorFlow: headers, columns, classes."""
