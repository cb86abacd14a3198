"""What citizens come for, as steps; read from TOML files."""
