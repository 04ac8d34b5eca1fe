"""A camera of the Raspberry Pi, by picamera2: focused on the card on the rest, its exposure settled and kept."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.frames import HEIGHT, RATE, READING_DISTANCE, WIDTH, Frame, SourceError
from firmware.sharpness import DIM, GLARING, brightness

BUFFERS = 2
"""Pictures that the camera has at a time: one is filled while the other is looked at. A Zero 2 W has 512 MB for all."""
SETTLING_FRAMES = 20
"""Frames after which the exposure is kept in any case: some cameras never say that it has settled."""
LOOK_EVERY = 10
"""Frames from one look at the brightness to the next, while the exposure is kept."""
_MANUAL_FOCUS, _SHORT_EXPOSURE, _CONVERGED = 0, 1, 2
"""libcamera's numbers for AfMode, AeExposureMode and AeState."""
_WHOLE = 0.95
"""A mode of the sensor that shows as much of what the sensor sees shows all of it."""


class PiCamera:
    """The camera, as a source of frames: the grey plane of its pictures."""

    name = "picamera"

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._camera = _started()

    def __iter__(self) -> Iterator[Frame]:
        exposure = Exposure()
        try:
            while not self._closed.is_set():
                request = self._camera.capture_request()
                try:
                    planes, metadata = request.make_array("main"), request.get_metadata()
                finally:
                    request.release()
                image = np.ascontiguousarray(planes[:HEIGHT, :WIDTH])
                controls = exposure.after(metadata, image)
                if controls:
                    self._camera.set_controls(controls)
                yield Frame(image, time.monotonic())
        finally:
            self._camera.stop()
            self._camera.close()

    def close(self) -> None:
        """End the frames; the camera is let go when the last one is done with."""
        self._closed.set()


class Exposure:
    """Lets exposure and white balance settle, then keeps them: a white card that comes must not make the next frames
    darker. They settle again when the light has changed so much that it is dim, or all is white.
    """

    def __init__(self) -> None:
        self._kept = False
        self._frames = 0
        self._bad = False

    def after(self, metadata: Mapping[str, Any], image: NDArray[np.uint8]) -> dict[str, Any]:
        """The controls to set after a frame; none most of the time."""
        self._frames += 1
        return self._watch(image) if self._kept else self._settle(metadata)

    def _settle(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        settled = metadata.get("AeLocked") or metadata.get("AeState") == _CONVERGED
        if not (settled or self._frames >= SETTLING_FRAMES):
            return {}
        self._kept, self._frames, self._bad = True, 0, False
        kept = {name: metadata[name] for name in ("ExposureTime", "AnalogueGain", "ColourGains") if name in metadata}
        return {"AeEnable": False, "AwbEnable": False, **kept}

    def _watch(self, image: NDArray[np.uint8]) -> dict[str, Any]:
        if self._frames % LOOK_EVERY:
            return {}
        light = brightness(image[::8, ::8])
        was_bad, self._bad = self._bad, light.bright < DIM or light.dark > GLARING
        if not (was_bad and self._bad):
            return {}
        self._kept, self._frames = False, 0
        return {"AeEnable": True, "AwbEnable": True}


def _started() -> Any:
    try:
        from picamera2 import Picamera2
    except ImportError:
        raise SourceError(
            "picamera2 is not installed here. On a Raspberry Pi: sudo apt install python3-picamera2, and make the "
            "virtual environment with --system-site-packages. Elsewhere use --frames opencv:0."
        ) from None
    camera = None
    try:
        camera = Picamera2()
        # The grey picture is YUV's first plane.
        main = {"size": (WIDTH, HEIGHT), "format": "YUV420"}
        camera.configure(
            camera.create_video_configuration(
                main=main, buffer_count=BUFFERS, controls=_controls(camera), **_sensor(camera.sensor_modes)
            )
        )
        camera.start()
    except (IndexError, RuntimeError, OSError) as error:
        if camera is not None:
            with contextlib.suppress(Exception):
                camera.close()
        memory = " Is other memory for the camera (cma in /boot/firmware/config.txt) or a smaller program needed?"
        raise SourceError(
            f"The Raspberry Pi camera does not start ({error}). Is its cable in at both ends, contacts the right way "
            "round, and does rpicam-hello --list-cameras name it? Does another program use it?"
            + (memory if "allocate memory" in str(error) else "")
        ) from None
    return camera


def _controls(camera: Any) -> dict[str, Any]:
    """Ten frames per second, short exposures; and of a lens that moves, the distance of the card."""
    frame_us = int(1e6 / RATE)
    controls: dict[str, Any] = {"FrameDurationLimits": (frame_us, frame_us), "AeExposureMode": _SHORT_EXPOSURE}
    if "LensPosition" in camera.camera_controls:
        # Autofocus can stick when a near thing is taken away suddenly, which is what cards do.
        controls |= {"AfMode": _MANUAL_FOCUS, "LensPosition": 1.0 / READING_DISTANCE}
    return controls


def _sensor(modes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The smallest mode of the sensor that shows all it sees: less to hold in memory, and no card cut off.

    Left to itself picamera2 takes the nearest to the frame's size, which often shows the middle only.
    """

    def seen(mode: Mapping[str, Any]) -> int:
        _, _, width, height = mode["crop_limits"]
        return int(width * height)

    widest = max(map(seen, modes), default=0)
    fit = [
        mode
        for mode in modes
        if seen(mode) >= _WHOLE * widest
        and mode["size"][0] >= WIDTH
        and mode["size"][1] >= HEIGHT
        and mode["fps"] >= RATE
    ]
    if not fit:
        return {}
    mode = min(fit, key=lambda mode: (mode["size"][0] * mode["size"][1], -mode["bit_depth"]))
    return {"sensor": {"output_size": mode["size"], "bit_depth": mode["bit_depth"]}}
