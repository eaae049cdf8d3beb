"""Products of single missions, one module each; what they share with other formats is beside this folder."""
