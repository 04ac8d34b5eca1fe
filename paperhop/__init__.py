"""The `paperhop` command: composes the cards, the hub and the badge. Nothing imports this package."""
