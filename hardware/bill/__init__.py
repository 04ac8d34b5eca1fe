"""What everything costs: hardware/parts.csv, added up for a badge and for sets, and as lists for ordering."""
