"""The enclosure: a stand for the table, a lanyard, each to be printed or to be cut by a laser."""
