"""Documents and their pages: stored encrypted, checked before anybody sees them."""
