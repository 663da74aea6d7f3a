"""Text that others wrote, on its way to people: `media` makes it safe for what shows it, `terminal` says it."""
