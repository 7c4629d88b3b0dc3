"""Prequential evaluation: every method predicts the next event, then learns it."""
