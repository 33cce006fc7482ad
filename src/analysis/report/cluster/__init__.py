"""Chapters run on other machines, through dask or Slurm; sources, binding and publication stay with the builder.

A chapter is sent as its notebook and tables by the hash of their content, its parameters and the digests of
the code. The files go to each worker once for a command, to those that join later too; a worker whose code or
versions differ is refused. Nothing is run in the worker itself: a prepared process is started there, from
which chapters are forked just as at home, in the same environment, so that the bytes are the same. What comes
back is written by the builder, the record last. A chapter whose worker dies is begun again at another, and
becomes a fault when as many workers have died of it as dask allows.

The worker's folder can be entered by its user alone; a small process waits until the worker and all its
children are gone, and removes it, however they ended. A worker asks every two seconds whether the scheduler
still knows the builder's mark.
"""
