"""What the chat says before anything was said in it."""

ASK = "Ask, or / for commands"
"""In an empty prompt."""

ROUTED = "auto"
"""How messages are routed where the operator did not choose a tier."""

ROOM_FOR_RULE = 16
"""Rows of the pane below which the line above the prompt goes to the conversation."""
