"""Embedded stand-ins for `llmconsole demo` and for tests: loopback servers and a recorded trace."""
