"""Dead clicks: something looks clickable, is clicked, and nothing happens."""
