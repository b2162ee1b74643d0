"""The pages of the book as data: what they teach, the items in them, and whether they keep to their grammar."""
