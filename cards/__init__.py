"""A piece of paper: what can be written on it, its QR text, drawing it and reading it back.

Nothing here knows a protocol rule: a packet is a value, whether it makes sense is for the hub to say.
"""
