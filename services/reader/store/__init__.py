"""What there is to answer from: views in Redis, asked for together, and what is held of them in memory."""
