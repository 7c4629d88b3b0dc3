"""The read path: lists over HTTP, fused with what trends now, with a cold start, and never waiting for long."""
