"""The command line: a thin program over the public functions."""
