"""What others do, one small module each, under one interface (:mod:`services.evaluate.method`)."""
