"""Recordings of what workers folded: `headrace record` makes them, `headrace evaluate --frames` folds them again."""
