"""The profiles step: users, what they met and have, and what of it goes to items and to the learner."""
