"""What ingest makes of a raw record, and which records it may take."""
