"""The machinery of the Onsite course: scenarios, player, build, grading, server."""
