"""Screens that open over the console."""
