"""Functions run in processes of their own, forked from a prepared process or started anew.

On Linux a *zygote* is started: a process that has imported the outside packages, has one thread, no event
loop and no socket of Jupyter's, and forks one child process for each task. It knows nothing of ``analysis``,
so that the code of a task is never stale. From it a branch is forked for each build, which reads the
edition's tables, does the first steps of every chapter and forks the chapters. A child process has its own
session, folder, random numbers and bound on memory. Where no process can be forked each task gets a new one,
with the same pages.
"""
