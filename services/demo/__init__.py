"""The main job on one machine, live: real Kafka and Redis, all parts, events, and what changes because of them."""
