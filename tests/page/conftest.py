"""What the tests of pages share."""

from __future__ import annotations

import pytest

from hub.page import Gate


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("gate"))
