"""The composition root: the one place that builds sources, services and front ends.

A module for each thing that is wired. Importing this package brings none of them, for a console
wants its GPUs' reader started before the rest is imported.
"""
