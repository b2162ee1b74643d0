"""What a cohort's answers say: figures for whoever runs the course, never about one person."""
