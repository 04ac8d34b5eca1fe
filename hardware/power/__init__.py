"""The power budget: hardware/power.toml and hardware/wiring.csv, computed for docs/power.md."""
