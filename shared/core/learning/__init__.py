"""The learner step: what ranks learns from what users chose."""
