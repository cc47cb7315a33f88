"""Pure drawing: values in, rows of (text, style name) out."""
