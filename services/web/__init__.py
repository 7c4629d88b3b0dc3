"""What every server of ours over HTTP does the same way: its socket, its end, its problems."""
