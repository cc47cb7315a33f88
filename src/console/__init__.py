"""llmconsole: one terminal for a local NVIDIA box and the LLM API paid beside it."""

__version__ = "0.1.0"
