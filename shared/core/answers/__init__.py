"""What becomes of a list when somebody asks for it: who asks, what may be shown, in what order."""
