"""ENVI: a file of plain numbers and a text header beside it.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html and ENVIImageFiles.html beside it.
"""
