"""History from elsewhere as ledger rows: read, checked against the ledger, then added once."""
