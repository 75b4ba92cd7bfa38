"""Form retries: one form refused again and again."""
