"""The items and tops steps: counts, neighbours, likeness, and what the views say of them."""
