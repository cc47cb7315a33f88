"""Adapters to the world; each fits a Protocol of `console.services.ports` by shape."""
