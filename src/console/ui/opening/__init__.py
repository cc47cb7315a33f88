"""The first full frame, painted before the toolkit is there.

What it shows is drawn by the functions that the panes draw with, and stands where Textual puts it:
Textual takes the screen over without a cell that changes for it. Nothing here imports Textual.
"""
