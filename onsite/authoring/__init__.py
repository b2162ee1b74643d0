"""For whoever writes scenarios: a skeleton to start from, and a preview that follows the file."""
