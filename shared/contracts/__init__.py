"""What is agreed: everything that a stranger to this code base relies on, with versions."""
