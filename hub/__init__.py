"""The hub: takes scans from badges, has the simulator judge them, keeps the journal, answers and shows the page."""
