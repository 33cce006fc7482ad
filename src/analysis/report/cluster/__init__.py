"""Chapters run on other machines, through dask or Slurm."""
