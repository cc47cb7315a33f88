"""How much a prompt would gain from the API, why, and when that is enough."""
