"""The badge's board: schematic, layout, what a fab needs, and the checks of all of it."""
