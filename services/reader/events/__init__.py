"""What the reader tells the write path: impressions, and what users say."""
