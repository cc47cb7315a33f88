"""Model servers: one module per wire protocol."""
