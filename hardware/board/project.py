"""KiCad's project file: the rules that the board keeps, wider than what any cheap fab can make."""

from __future__ import annotations

import json

from hardware.board.router import CLEARANCE, NARROW, WIDE

_RULES = {
    "min_clearance": CLEARANCE,
    "min_connection": 0.25,
    "min_copper_edge_clearance": 0.5,
    "min_hole_clearance": 0.25,
    "min_hole_to_hole": 0.5,
    "min_silk_clearance": 0.0,
    "min_text_height": 0.8,
    "min_text_thickness": 0.1,
    "min_through_hole_diameter": 0.4,
    "min_track_width": NARROW,
    "min_via_annular_width": 0.2,
    "min_via_diameter": 0.8,
    "solder_mask_clearance": 0.05,
    "solder_mask_min_width": 0.1,
    "use_height_for_length_calcs": True,
}
"""In millimetres."""
_NET_CLASS = {
    "name": "Default",
    "clearance": CLEARANCE,
    "track_width": WIDE,
    "via_diameter": 0.8,
    "via_drill": 0.4,
    "microvia_diameter": 0.3,
    "microvia_drill": 0.1,
    "diff_pair_gap": 0.25,
    "diff_pair_via_gap": 0.25,
    "diff_pair_width": WIDE,
    "bus_width": 12,
    "wire_width": 6,
    "line_style": 0,
    "pcb_color": "rgba(0, 0, 0, 0.000)",
    "schematic_color": "rgba(0, 0, 0, 0.000)",
    "priority": 2147483647,
}
_ELECTRICAL = ("footprint_filter", "four_way_junction", "missing_bidi_pin", "single_global_label")
_LAYOUT = (
    *("footprint_filters_mismatch", "footprint_symbol_mismatch", "footprint_type_mismatch", "holes_co_located"),
    *("missing_courtyard", "npth_inside_courtyard", "pth_inside_courtyard", "track_angle", "track_segment_length"),
)
"""Rules that KiCad would not look at unless it is told to."""


def written() -> str:
    """The project's file."""
    project = {
        "board": {
            "design_settings": {
                "rules": _RULES,
                "rule_severities": dict.fromkeys(_LAYOUT, "error"),
                "meta": {"version": 2},
            }
        },
        "erc": {"rule_severities": dict.fromkeys(_ELECTRICAL, "error"), "meta": {"version": 0}},
        "meta": {"filename": "badge.kicad_pro", "version": 3},
        "net_settings": {"classes": [_NET_CLASS], "meta": {"version": 4}},
        "schematic": {"meta": {"version": 1}},
        "text_variables": {},
    }
    return json.dumps(project, indent=2) + "\n"
