"""What-if cost models: API against self-hosting."""
