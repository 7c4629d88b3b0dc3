"""Lists: candidates, what they are judged by, in what order they stand."""
