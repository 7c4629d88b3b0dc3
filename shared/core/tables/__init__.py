"""How state is held: ids and their slots, rows of any length, what is dirty, segments of a checkpoint."""
