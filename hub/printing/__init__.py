"""What a lesson needs on paper: from its nodes, rules and scripts to sheets, and to all of them for a class."""
