"""Measurements on a real Kafka and Redis: `make bench`. Each module has a ``measure``; `run.py` names them."""
