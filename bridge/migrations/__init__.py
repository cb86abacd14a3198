"""How the database came to be what it is; run by ``oac-bridge migrate``."""
