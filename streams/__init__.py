"""The write path, a file per step in the order that data passes: ingest, profiles, items, tops; app.py wires them."""
