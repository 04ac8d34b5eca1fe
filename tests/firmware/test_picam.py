"""What is asked of picamera2, by a stand-in for it: nobody has tried this with a camera of a Raspberry Pi."""

from __future__ import annotations

import sys
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from firmware.frames import HEIGHT, RATE, WIDTH, SourceError, open_source
from firmware.picam import LOOK_EVERY, SETTLING_FRAMES, Exposure

MODULE_3: list[dict[str, Any]] = [
    {"size": (1536, 864), "bit_depth": 10, "fps": 120.1, "crop_limits": (768, 432, 3072, 1728)},
    {"size": (2304, 1296), "bit_depth": 10, "fps": 56.0, "crop_limits": (0, 0, 4608, 2592)},
    {"size": (4608, 2592), "bit_depth": 10, "fps": 14.4, "crop_limits": (0, 0, 4608, 2592)},
]
"""The modes of the camera module 3, as picamera2 lists them."""
SETTLED = {"AeState": 2, "ExposureTime": 20_000, "AnalogueGain": 2.0, "ColourGains": (2.1, 1.7), "Lux": 300.0}


def test_picamera2_that_is_not_installed_is_said_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceError, match="sudo apt install python3-picamera2"):
        open_source("picamera")


class PretendPicamera2:
    """As much of picamera2's Picamera2 as its documentation promises and the badge uses."""

    camera_controls: dict[str, object] = {"LensPosition": (0.0, 10.0, 1.0)}  # noqa: RUF012
    sensor_modes: list[dict[str, Any]] = MODULE_3
    configuration: dict[str, Any]
    running = False
    held = 0
    light = 150
    metadata: dict[str, Any] = {}  # noqa: RUF012
    set: list[dict[str, Any]] = []  # noqa: RUF012

    def create_video_configuration(self, **configuration: Any) -> dict[str, Any]:
        return configuration

    def configure(self, configuration: dict[str, Any]) -> None:
        type(self).configuration = configuration

    def start(self) -> None:
        type(self).running = True

    def stop(self) -> None:
        type(self).running = False

    def close(self) -> None:
        pass

    def capture_request(self) -> PretendRequest:
        type(self).held += 1
        assert self.held < self.configuration["buffer_count"], "no picture is left to fill"
        return PretendRequest(self.light, self.metadata)

    def set_controls(self, controls: dict[str, Any]) -> None:
        self.set.append(controls)


class PretendRequest:
    def __init__(self, light: int, metadata: dict[str, Any]) -> None:
        self._light = light
        self._metadata = metadata

    def make_array(self, name: str) -> Any:
        assert name == "main"
        planes = np.zeros((HEIGHT * 3 // 2, WIDTH + 64), np.uint8)
        planes[:HEIGHT, :WIDTH] = self._light
        return planes

    def get_metadata(self) -> dict[str, Any]:
        return self._metadata

    def release(self) -> None:
        PretendPicamera2.held -= 1


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name, value in (("held", 0), ("light", 150), ("metadata", {}), ("set", [])):
        monkeypatch.setattr(PretendPicamera2, name, value)
    module = ModuleType("picamera2")
    module.Picamera2 = PretendPicamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return module


def test_a_pi_camera_gives_its_grey_plane_and_is_focused_on_the_rest(picamera2: ModuleType) -> None:
    source = open_source("picamera")
    frames = iter(source)
    frame = next(frames)
    assert frame.image.shape == (HEIGHT, WIDTH)
    assert frame.image.dtype == np.uint8
    assert (frame.image == 150).all()
    assert PretendPicamera2.configuration["buffer_count"] == 2
    assert PretendPicamera2.configuration["controls"]["LensPosition"] == pytest.approx(1 / 0.225)
    source.close()
    source.close()
    assert list(frames) == []
    assert not PretendPicamera2.running


def test_a_pi_camera_without_a_moving_lens_is_not_told_to_move_it(
    picamera2: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PretendPicamera2, "camera_controls", {})
    open_source("picamera").close()
    assert "LensPosition" not in PretendPicamera2.configuration["controls"]


def test_a_pi_without_a_camera_is_told_what_to_check(picamera2: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_there(self: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(PretendPicamera2, "__init__", nothing_there)
    with pytest.raises(SourceError, match="Is its cable in at both ends"):
        open_source("picamera")


def test_the_smallest_mode_of_the_sensor_that_shows_all_is_asked_for(picamera2: ModuleType) -> None:
    open_source("picamera").close()
    assert PretendPicamera2.configuration["sensor"] == {"output_size": (2304, 1296), "bit_depth": 10}
    assert PretendPicamera2.configuration["main"]["format"] == "YUV420"
    frame_us = 1_000_000 / RATE
    assert PretendPicamera2.configuration["controls"]["FrameDurationLimits"] == (frame_us, frame_us)


def test_a_sensor_that_fits_nothing_is_left_to_picamera2(
    picamera2: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PretendPicamera2, "sensor_modes", [{**MODULE_3[0], "size": (640, 480)}])
    open_source("picamera").close()
    assert "sensor" not in PretendPicamera2.configuration


def test_exposure_and_white_balance_are_kept_when_they_have_settled(
    picamera2: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source("picamera")
    frames = iter(source)
    list(islice(frames, 3))
    assert PretendPicamera2.set == []
    monkeypatch.setattr(PretendPicamera2, "metadata", SETTLED)
    list(islice(frames, 50))
    kept = {"ExposureTime": 20_000, "AnalogueGain": 2.0, "ColourGains": (2.1, 1.7)}
    assert PretendPicamera2.set == [{"AeEnable": False, "AwbEnable": False, **kept}]
    source.close()
    list(frames)


LIT, CARD = np.full((720, 1280), 120, np.uint8), np.full((720, 1280), 205, np.uint8)
NIGHT, WHITE = np.full((720, 1280), 20, np.uint8), np.full((720, 1280), 250, np.uint8)


def kept() -> Exposure:
    exposure = Exposure()
    assert exposure.after(SETTLED, LIT)["AeEnable"] is False
    return exposure


def test_a_camera_that_never_says_that_it_has_settled_is_not_waited_for_for_ever() -> None:
    exposure = Exposure()
    set_ = [exposure.after({"ExposureTime": 9}, LIT) for _ in range(SETTLING_FRAMES)]
    assert not any(set_[:-1])
    assert set_[-1] == {"AeEnable": False, "AwbEnable": False, "ExposureTime": 9}


def test_a_white_card_that_comes_changes_nothing() -> None:
    exposure = kept()
    assert not any(exposure.after(SETTLED, image) for image in [CARD] * 30 + [LIT] * 30)


@pytest.mark.parametrize("image", [NIGHT, WHITE])
def test_exposure_settles_again_when_the_light_has_changed_for_good(image: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    exposure = kept()
    assert not any(exposure.after(SETTLED, each) for each in [image] * LOOK_EVERY + [LIT] * LOOK_EVERY)
    set_ = [exposure.after({"AeState": 1}, image) for _ in range(2 * LOOK_EVERY)]
    assert [each for each in set_ if each] == [{"AeEnable": True, "AwbEnable": True}]
    assert exposure.after(SETTLED, LIT)["AeEnable"] is False


def test_a_pi_with_too_little_memory_for_the_camera_says_so(
    picamera2: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(PretendPicamera2, "start", full)
    with pytest.raises(SourceError, match=r"cma in /boot/firmware/config\.txt"):
        open_source("picamera")
