// The parts that a printer makes, where they are in the badge. One at a time: -D 'part="foot"'.
include <shapes.scad>

part = "foot";
wall = case_wall;
half = stand_width / 2;
head_half = head_width / 2;
thread = screws_thread;
clear = screws_clearance;

module boss() square(case_boss, center = true);

// ---- the stand

module footprint(inset = 0) round_rect([-half + inset, stand_front + inset], [half - inset, stand_back - inset], case_radius - inset / 2);

module foot() {
    bay = [stand_bay_end - stand_bay[0], stand_bay_front];
    difference() {
        union() {
            layer(0, wall) difference() { footprint(); at_each(stand_locks) circle(d = stand_lock); }
            layer(wall, stand_foot_height) difference() {
                union() {
                    difference() { footprint(); footprint(wall); }
                    intersection() { at_each(stand_posts) circle(d = stand_post); footprint(); }
                    intersection() { at_each(stand_locks) circle(d = stand_lock + 2 * wall); footprint(); }
                }
                at_each(stand_locks) circle(d = stand_lock);
            }
            // What keeps the power bank in its bay.
            layer(wall, 0.7 * stand_foot_height) {
                translate([bay[0] - wall, bay[1]]) square([wall, stand_bay[1]]);
                for (y = [bay[1] - wall, bay[1] + stand_bay[1]]) translate([bay[0] - wall, y]) square([stand_bay[0] - 30, wall]);
            }
            layer(wall, stand_column_from) at_each(column_bosses) square(stand_column_boss + 4, center = true);
        }
        // From below: screws into the column, and through the posts into the tray.
        at_each(column_bosses) { bore(0, stand_column_from, clear); bore(0, stand_column_from - 5, screws_sink); }
        at_each(stand_posts) { bore(0, stand_foot_height, clear); bore(0, tray_screw_from, screws_sink); }
        // The hatch: the bank slides in over a lip, and its plugs are reached.
        translate([half - 2 * wall, bay[1], wall + stand_lip]) cube([3 * wall, stand_bay[1], stand_foot_height]);
    }
}

module bore(from, to, d) translate([0, 0, from - eps]) cylinder(d = d, h = to - from + 2 * eps);

module column_section(outer = 0) round_rect([-stand_column_width / 2 - outer, column_front - outer], [stand_column_width / 2 + outer, column_back + outer], case_radius);

module tray() {
    difference() {
        union() {
            layer(stand_foot_height, stand_foot_height + wall) tray_layer();
            layer(stand_foot_height + wall, tray_top) difference() { tray_layer(); recess(); }
        }
        at_each(stand_posts) bore(stand_foot_height, tray_top - 0.8, thread);
    }
}

module tray_layer() difference() {
    footprint();
    column_section(case_gap);
    at_each(stand_locks) circle(d = stand_lock);
}

// Where an A6 card lies, open to the player, so that a finger gets under its edge.
module recess() {
    across = reading_a6[0] / 2 + stand_recess_clearance;
    translate([-across, stand_front - 10]) square([2 * across, stand_a6_back - stand_front + 10]);
}

module column() layer(stand_column_from, arm_z) difference() {
    union() {
        difference() {
            column_section();
            round_rect([wall - stand_column_width / 2, column_front + wall], [stand_column_width / 2 - wall, column_back - wall], 1);
        }
        at_each(column_bosses) square(stand_column_boss, center = true);
    }
    at_each(column_bosses) circle(d = thread);
}

// Seen from the side (y, z): what lies between the head's back and the end of the arm, from one height to another.
module arm_side(from, to, inset_front = 0, inset_back = 0) {
    lean = tan(head_tilt);
    front = stand_arm_front + inset_front / cos(head_tilt);
    polygon([
        [front + (from - arm_z) * lean, from], [column_back - inset_back, from],
        [column_back - inset_back, to], [front + (to - arm_z) * lean, to],
    ]);
}

// A side view made as wide as the arm, less an inset at each side.
module across(inset = 0) rotate([90, 0, 90]) translate([0, 0, -head_half + inset]) linear_extrude(head_width - 2 * inset) children();

// Round corners at the end of the arm, like the column's.
module arm_end() layer(arm_z - 1, arm_top + 60) round_rect([-head_half, stand_arm_front - 60], [head_half, column_back], case_radius);

module arm() {
    difference() {
        union() {
            intersection() {
                difference() {
                    across() arm_side(arm_z, arm_top);
                    across(wall) arm_side(arm_z + wall, arm_top + 20, wall, wall);
                }
                arm_end();
            }
            layer(arm_z, arm_top) at_each(lid_bosses) boss();
            // The camera's feet, and those of a Raspberry Pi that is wired to a breadboard.
            layer(arm_z, arm_z + wall + camera_post) camera_places() circle(d = 4.4);
            layer(arm_z, arm_z + wall + 3) at_each(pi_in_arm) circle(d = 6);
        }
        layer(arm_z - 1, arm_top + 1) at_each(lid_bosses) circle(d = thread);
        layer(arm_z - 1, arm_top) {
            circle(d = camera_lens_side * sqrt(2) + 0.6);
            camera_places() circle(d = screws_camera_thread);
            at_each(pi_in_arm) circle(d = thread);
            at_each(column_bosses) circle(d = clear);
            cable_hole();
            cable_tie();
        }
        on_stand() head_openings();
    }
}

pi_in_arm = [for (x = [-1, 1], y = [-1, 1]) [x * (pi_width / 2 - pi_holes_from_corner), stand_pi_in_arm + y * (pi_height / 2 - pi_holes_from_corner)]];

module camera_places() for (p = camera_holes) translate([camera_lens[0] - p[0], camera_lens[1] - p[1]]) children();

// Down into the column.
module cable_hole() middle_hole([30, 14], (column_front + column_back) / 2);
module middle_hole(size, y) translate([0, y]) middle_rect(size, 3);

// Two slots for a cable tie, before the hole.
module cable_tie() for (x = [-8, 8]) translate([x, column_front - 6]) square([2.2, 4.5], center = true);

module lid() {
    thick = wall;
    difference() {
        union() {
            intersection() { across() arm_side(arm_top, arm_top + thick); arm_end(); }
            // The role card stands between these.
            for (side = [-1, 1]) translate([-head_half + case_radius, stand_slot + side * (stand_slot_gap + wall) / 2 - wall / 2, arm_top])
                cube([head_width - 2 * case_radius, wall, thick + stand_slot_height]);
        }
        layer(arm_top - 1, arm_top + thick + 1) {
            at_each(lid_bosses) circle(d = clear);
            for (n = [-2:2]) translate([n * 12, stand_slot + 28]) middle_rect([4, 28], 2);
        }
    }
}

// ---- the head, in its own frame

module outline(inset = 0) round_rect([-head_half + inset, inset], [head_half - inset, tub_height - inset], case_radius - inset / 2);

module head_openings() layer(-2 * wall, wall + eps) {
    round_rect([-head_opening[0] / 2, head_opening[1]], [head_opening[0] / 2, head_opening[2]], 3);
    at_each(head_arm_screws) circle(d = clear);
}

module tub() difference() {
    union() {
        layer(0, wall) outline();
        layer(wall, head_depth - wall) {
            difference() { outline(); outline(wall); }
            intersection() { at_each(head_bosses) boss(); outline(); }
        }
    }
    // From the front the panel is screwed on, from the back a lanyard's plate.
    at_each(head_bosses) { bore(0, 10, thread); bore(head_depth - wall - 10, head_depth - wall, thread); }
    head_openings();
    // Warm air: in below, out above; below it lets the ribbon through that a lanyard's camera has.
    for (u = [-1, tub_height - wall - 1]) translate([0, u, 0]) {
        translate([-camera_ribbon / 2 - 1, 0, wall + 2]) cube([camera_ribbon + 2, wall + 2, 4]);
        for (x = [-28, 28]) translate([x - 8, 0, wall + 2]) cube([16, wall + 2, 4]);
    }
}

module panel() difference() {
    union() {
        layer(head_depth - wall, head_depth) outline();
        layer(board_front, head_depth - wall + eps) at_board(board_holes) circle(d = 6);
        layer(head_depth - wall - head_light_tube[2], head_depth - wall + eps) at_board(lights) difference() {
            circle(d = head_light_tube[1]);
            circle(d = head_light_tube[0]);
        }
    }
    layer(head_depth - wall - 1, head_depth + 1) {
        at_each(head_bosses) circle(d = clear);
        at_board([buttons_scan]) middle_rect([for (s = head_scan_cap) s + 2 * case_gap], 3);
        at_board([buttons_power]) circle(d = head_power_cap + 2 * case_gap);
        at_board([buzzer_centre]) { circle(d = 2.4); for (a = [0:60:300]) rotate(a) translate([3.8, 0]) circle(d = 2.4); }
    }
    layer(head_depth - wall + head_skin, head_depth + 1) icons();
    layer(head_depth - 0.8, head_depth + 1) engraving();
    layer(board_front - 1, head_depth - 1) at_board(board_holes) circle(d = thread);
}

module at_place(p) translate([p[0] - board_width / 2, head_below + board_height - p[1], 0]) children();

// ---- the lanyard, in the head's frame

low = -lanyard_camera_room;

module lanyard_plate() layer(-wall, 0) difference() {
    round_rect([-head_half, low], [head_half, tub_height + lanyard_top], case_radius);
    at_each(concat(head_bosses, cover_bosses)) circle(d = clear);
    round_rect([-head_opening[0] / 2, head_opening[1]], [head_opening[0] / 2, head_opening[2]], 3);
    for (x = [-1, 1]) translate([x * 30, tub_height + lanyard_top / 2]) middle_rect(lanyard_strap, 1.9);
}

module lanyard_cover() {
    deep = lanyard_cover_depth;
    difference() {
        union() {
            layer(deep - wall, deep) cover_outline();
            layer(0, deep - wall + eps) {
                difference() { cover_outline(); offset(-wall) cover_outline(); }
                intersection() { at_each(cover_bosses) boss(); cover_outline(); }
            }
            layer(deep - wall - camera_post, deep) lanyard_camera_places() circle(d = 4.4);
        }
        at_each(cover_bosses) bore(0, deep - wall, thread);
        layer(deep - wall - camera_post - 1, deep - 0.8) lanyard_camera_places() circle(d = screws_camera_thread);
        layer(0, deep + 1) translate([0, lanyard_lens]) circle(d = camera_lens_side * sqrt(2) + 0.6);
        // The ribbon comes from the head.
        translate([-camera_ribbon / 2 - 1, -wall - 1 - case_gap, wall + 2]) cube([camera_ribbon + 2, wall + 2, 4]);
    }
}

module cover_outline() round_rect([-head_half, low], [head_half, -case_gap], case_radius);

// Its connector up, towards the head.
module lanyard_camera_places() for (p = camera_holes) translate([p[0] - camera_lens[0], lanyard_lens + p[1] - camera_lens[1]]) children();

// The power bank stands in it, plug up; the cable comes from the head between bank and plate.
module pocket() {
    deep = bank_height + 1.5 + screws_sink;
    half_in = bank_width / 2 + 0.5;
    floor_z = -wall - deep;
    union() {
        difference() {
            layer(floor_z - wall, -wall) pocket_outline(half_in);
            translate([-half_in, low + wall, floor_z]) cube([2 * half_in, 2 * tub_height, deep + 1]);
            // The bottom is open in the middle, to push the bank out.
            translate([-half_in + 20, low - 1, floor_z]) cube([2 * half_in - 40, wall + 2, deep + 1]);
        }
        // Strips through which the screws go, that hold pocket, plate, head and cover together.
        layer(-2 * wall, -wall) difference() {
            for (x = [-head_half, half_in]) translate([x, low]) square([head_half - half_in, tub_height - low]);
            at_each(concat(head_bosses, cover_bosses)) circle(d = clear);
        }
    }
}

module pocket_outline(half_in) round_rect([-half_in - wall, low], [half_in + wall, lanyard_pocket_to], case_radius);

if (part == "foot") foot();
if (part == "tray") tray();
if (part == "column") column();
if (part == "arm") arm();
if (part == "lid") lid();
if (part == "tub") tub();
if (part == "panel") panel();
if (part == "scan_button") scan_button(board_front);
if (part == "scan_button_long") scan_button(wall + breadboard_height);
if (part == "power_button") power_button();
if (part == "lanyard_plate") lanyard_plate();
if (part == "lanyard_cover") lanyard_cover();
if (part == "pocket") pocket();
