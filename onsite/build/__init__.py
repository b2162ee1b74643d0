"""From scenarios to notebooks, pages and the site."""
