"""Hand-ins, through nbgrader, to gradebook and feedback."""
