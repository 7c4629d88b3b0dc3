"""A worker's partitions: what is read for them, taken in turns, saved, and made again by a new owner."""
