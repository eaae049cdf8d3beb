"""Spectral libraries: spectra with names and classes but without a place, of ENVI (``.sli``), CSV and ``.npz``."""
