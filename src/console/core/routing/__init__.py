"""Which tier serves a request, and why, in words."""
