"""Ids and lists as bytes, many at once: as the log carries them, as views have them."""
