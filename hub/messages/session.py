"""A client's session with the MQTT broker: connects, reconnects, says when it is up. Both badge and hub use it."""
