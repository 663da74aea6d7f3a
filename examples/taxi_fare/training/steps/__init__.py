"""The steps of training, each a plain function."""
