"""The way out: to the log with a promise, to the views in a thread of their own."""
