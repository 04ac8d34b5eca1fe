"""What a badge and a hub are built from: each number in one place, and a step that makes each file from it.

Not part of the wheel: nothing that runs in a room imports it. `make hardware` runs `python -m hardware`.
"""
