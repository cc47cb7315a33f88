"""Conversations in a SQLite file of their own, for operators who want them kept."""
