"""The badge on a solderless breadboard: where each part goes (hardware/breadboard.csv), and its picture."""
