"""What is computed, pure: no I/O, no clock, no hidden randomness. The same records in give the same results out."""
