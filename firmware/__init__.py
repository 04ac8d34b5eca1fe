"""The badge: frames in, scans out over MQTT, lights on. Imports `hub.messages` and `cards`, nothing else of ours."""
