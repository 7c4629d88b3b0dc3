"""``headrace verify``: an oracle in plain Python that shares only the contracts with what it checks."""
