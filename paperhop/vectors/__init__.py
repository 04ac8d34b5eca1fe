"""The vector adapter: cases as `paperhop vectors` is asked them, acted out by the engine.

`case` reads what a case says of its host and `steps` what a step asks; `operations` are what can be asked, `session` is
the case under way. `craft` makes the octets that go in, `describe` writes down those that come out, with `numbers`
counted from the start of a connection.
"""
