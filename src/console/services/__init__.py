"""Use cases on asyncio; no screen."""
