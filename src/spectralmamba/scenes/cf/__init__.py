"""Cubes in self-describing stores (NetCDF, Zarr) that follow the CF conventions closely enough to be understood."""
