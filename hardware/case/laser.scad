// The table badge cut from sheet. As a drawing: -D 'part="side"'; where it is in the badge: -D 'part="in_place_side"'.
// Edges interlock: where two plates meet, one keeps the teeth whose number is even, the other those that are odd.
include <shapes.scad>

part = "bottom";
t = sheet_thickness;
half = stand_width / 2;
depth = stand_back - stand_front;
foot_h = tray_top - t;
head_half = head_width / 2;
col_h = arm_z - t;
lean = tan(head_tilt);
arm_front_in = stand_arm_front + t * lean;
arm_len = column_back - arm_front_in;
lid_front = stand_arm_front + (stand_arm_height + t) * lean;
ear = 9;
hole = screws_clearance;

// ---- teeth

function teeth(l) = max(3, 2 * floor(l / sheet_finger / 2) + 1);

// Along x from 0 to l, below y = 0: what a plate gives away that keeps the even or the odd ones. From t to l - t only.
module gaps(l, keep) {
    n = teeth(l - 2 * t);
    w = (l - 2 * t) / n;
    for (i = [0:n - 1]) if (i % 2 != keep) translate([t + i * w, -1]) square([w, t + 1]);
}

// A plate from (0, 0); edges from below, against the clock: 0 or 1 as its teeth are even or odd, -1 straight.
// corners, from the lower left on: whether they are given away.
module plate(w, h, edges, corners = [0, 0, 0, 0]) difference() {
    square([w, h]);
    if (edges[0] >= 0) gaps(w, edges[0]);
    if (edges[1] >= 0) translate([w, 0]) rotate(90) gaps(h, edges[1]);
    if (edges[2] >= 0) translate([w, h]) rotate(180) gaps(w, edges[2]);
    if (edges[3] >= 0) translate([0, h]) rotate(-90) gaps(h, edges[3]);
    for (n = [0:3]) if (corners[n]) translate([n == 1 || n == 2 ? w - t : -1, n > 1 ? h - t : -1]) square(t + 1);
}

module hex(d) circle(d = d / cos(30), $fn = 6);

// ---- foot: from (-half, front)

module foot_plan(edge) plate(2 * half, depth, [edge, edge, edge, edge]);
module in_plan() translate([half, -stand_front]) children();
module column_hole() translate([-stand_column_width / 2, column_front]) square([stand_column_width, stand_column_depth]);
module locks() at_each(stand_locks) circle(d = stand_lock);
tab = 24; side_tab = 12;
module column_slots(at) for (y = at) translate([-tab / 2, y]) square([tab, t]);
module column_side_slots() for (x = [-stand_column_width / 2, stand_column_width / 2 - t])
    translate([x, (column_front + column_back - side_tab) / 2]) square([t, side_tab]);

module bottom() difference() {
    foot_plan(0);
    in_plan() { column_slots([column_front, column_back - t]); column_side_slots(); locks(); }
}
module tray() difference() { foot_plan(0); in_plan() { column_hole(); locks(); } }
module rim() difference() {
    round_rect([0, 0], [2 * half, depth], case_radius);
    in_plan() {
        column_hole(); locks();
        translate([-reading_a6[0] / 2 - stand_recess_clearance, stand_front - 10]) square([reading_a6[0] + 2 * stand_recess_clearance, stand_a6_back - stand_front + 10]);
    }
}
module foot_front() plate(2 * half, foot_h, [1, 0, 1, 0], [1, 1, 1, 1]);
module foot_left() plate(depth, foot_h, [1, 1, 1, 1], [1, 1, 1, 1]);
module foot_right() difference() {
    foot_left();
    translate([stand_bay_front - stand_front, t + stand_lip]) square([stand_bay[1], foot_h]);
}
// What the power bank lies between, glued onto the bottom.
module rail() square([stand_bay[0] - 30, foot_h - 2 * t - 4]);

// ---- column, upright: from its lower left corner

module column_front_plate() difference() {
    union() {
        plate(stand_column_width, col_h, [-1, 0, -1, 0]);
        translate([stand_column_width / 2 - tab / 2, -t]) square([tab, col_h + 2 * t]);
    }
    // The cable comes in here.
    translate([stand_column_width / 2 - tab / 2 + 3, 4]) square([tab - 6, foot_h - 2 * t - 6]);
}
// Above it the arm's rear plate stands.
module column_back_plate() union() {
    plate(stand_column_width, col_h, [-1, 0, -1, 0]);
    translate([stand_column_width / 2 - tab / 2, -t]) square([tab, col_h]);
}
module column_side() union() {
    plate(stand_column_depth, col_h, [-1, 1, -1, 1], [1, 1, 1, 1]);
    translate([(stand_column_depth - side_tab) / 2, -t]) square([side_tab, col_h + 2 * t]);
}

// ---- arm

module arm_floor() difference() {
    plate(head_width, arm_len, [-1, 0, 0, 0]);
    translate([head_half, -arm_front_in]) {
        column_slots([column_front]); column_side_slots();
        translate([0, (column_front + column_back) / 2]) middle_rect([30, 14], 3);
        circle(d = camera_lens_side * sqrt(2) + 0.6);
        for (p = camera_holes) translate([camera_lens[0] - p[0], camera_lens[1] - p[1]]) circle(d = screws_camera_clearance);
        for (x = [-1, 1], y = [-1, 1]) translate([x * (pi_width / 2 - pi_holes_from_corner), stand_pi_in_arm + y * (pi_height / 2 - pi_holes_from_corner)]) circle(d = hole);
        for (x = [-8, 8]) translate([x, column_front - 6]) square([2.2, 4.5], center = true);
    }
}
// From the side: y from arm_front_in, z from the arm's under side; its slanted edge has tabs for the head's back.
module arm_side() {
    difference() {
        plate(arm_len, stand_arm_height, [1, 1, -1, -1], [1, 1, 1, 0]);
        polygon([[-1, -1], [stand_arm_front - arm_front_in, -1], [stand_arm_front - arm_front_in, 0], [stand_arm_front - arm_front_in + stand_arm_height * lean, stand_arm_height], [stand_arm_front - arm_front_in + stand_arm_height * lean, 99], [-1, 99]]);
    }
    translate([stand_arm_front - arm_front_in, 0]) rotate(-head_tilt) for (u = head_tabs) translate([-t, u[0]]) square([t + 1, u[1]]);
}
// Where the head's back keeps its own teeth: from u, and how long.
tooth = (tub_height - 2 * t) / teeth(tub_height - 2 * t);
head_tabs = [[t + 1, tooth - 2], [t + 2 * tooth + 1, 4]];
module arm_rear() plate(head_width, stand_arm_height, [1, 0, -1, 0], [1, 1, 0, 0]);

module lid() difference() {
    square([head_width, column_back - lid_front]);
    translate([head_half, -lid_front]) {
        at_each(lid_holes) circle(d = hole);
        for (n = [-2:2]) translate([n * 12, stand_slot + 30]) middle_rect([4, 28], 2);
        for (side = [-1, 1], x = [-30, 30]) translate([x - side_tab / 2, stand_slot + side * (stand_slot_gap + t) / 2 - t / 2]) square([side_tab, t]);
    }
}
lid_holes = [for (p = lid_bosses) [sign(p[0]) * (head_half - t - ear / 2), p[1]]];
module ridge() {
    square([head_width - 2 * case_radius, stand_slot_height]);
    for (x = [-30, 30]) translate([head_half - case_radius + x - side_tab / 2, -t]) square([side_tab, t + 1]);
}

// ---- head, in its frame: x from its left edge, u from its lower one

head_d = head_depth - t;
module tub_back() difference() {
    plate(head_width, tub_height, [0, 0, 0, 0]);
    translate([head_half, 0]) {
        round_rect([-head_opening[0] / 2, head_opening[1]], [head_opening[0] / 2, head_opening[2]], 3);
        for (x = [-head_half, head_half - t], u = head_tabs) translate([x, u[0]]) square([t, u[1]]);
    }
}
module tub_side() plate(head_d, tub_height, [1, -1, 1, 1], [1, 1, 1, 1]);
module tub_end() difference() {
    plate(head_width, head_d, [1, 0, -1, 0], [1, 1, 0, 0]);
    translate([head_half, head_d / 2]) for (x = [-28, 0, 28]) translate([x, 0]) middle_rect([18, 4], 1.9);
}
module panel() difference() {
    round_rect([0, 0], [head_width, tub_height], case_radius);
    translate([head_half, 0]) {
        at_each(panel_holes) circle(d = hole);
        at_board(board_holes) circle(d = hole);
        at_board([buttons_scan]) middle_rect([for (s = head_scan_cap) s + 2 * case_gap], 3);
        at_board([buttons_power]) circle(d = head_power_cap + 2 * case_gap);
        at_board([buzzer_centre]) { circle(d = 2.4); for (a = [0:60:300]) rotate(a) translate([3.8, 0]) circle(d = 2.4); }
        icons();
    }
}
panel_holes = [for (x = [-1, 1], u = [t + ear / 2, tub_height - t - ear / 2]) [x * (head_half - t - ear / 2), u]];
// Glued into a corner: a screw goes through it, into a nut in another one behind it.
module ear() difference() { square(ear); translate([ear / 2, ear / 2]) circle(d = hole); }
module ear_nut() difference() { square(ear); translate([ear / 2, ear / 2]) hex(screws_nut[0] + 0.2); }

// ---- where they are

module sheet() linear_extrude(t) children();
module flat(z) translate([-half, stand_front, z]) sheet() children();
// Upright, seen by the player; upright, seen from the right.
module facing(x, y, z) translate([x, y + t, z]) rotate([90, 0, 0]) sheet() children();
module sideways(x, y, z) translate([x, y, z]) rotate([90, 0, 90]) sheet() children();

if (part == "bottom") out() bottom();
if (part == "tray") out() tray();
if (part == "rim") out() rim();
if (part == "foot_front") out() foot_front();
if (part == "foot_left") out() foot_left();
if (part == "foot_right") out() foot_right();
if (part == "rail") out() rail();
if (part == "column_front") out() column_front_plate();
if (part == "column_back") out() column_back_plate();
if (part == "column_side") out() column_side();
if (part == "arm_floor") out() arm_floor();
if (part == "arm_side") out() arm_side();
if (part == "arm_rear") out() arm_rear();
if (part == "lid") out() lid();
if (part == "ridge") out() ridge();
if (part == "tub_back") out() tub_back();
if (part == "tub_side") out() tub_side();
if (part == "tub_end") out() tub_end();
if (part == "panel") out() panel();
if (part == "ear") out() ear();
if (part == "ear_nut") out() ear_nut();

// The beam takes away half a kerf at each side of its line.
module out() offset(delta = sheet_kerf / 2) children();

if (part == "in_place_bottom") flat(0) bottom();
if (part == "in_place_tray") flat(foot_h - t) tray();
if (part == "in_place_rim") flat(foot_h) rim();
if (part == "in_place_foot_front") facing(-half, stand_front, 0) foot_front();
if (part == "in_place_foot_back") facing(-half, stand_back - t, 0) foot_front();
if (part == "in_place_foot_left") sideways(-half, stand_front, 0) foot_left();
if (part == "in_place_foot_right") sideways(half - t, stand_front, 0) foot_right();
if (part == "in_place_rails") for (y = [stand_bay_front - t, stand_bay_front + stand_bay[1]]) facing(stand_bay_end - stand_bay[0], y, t) rail();
if (part == "in_place_column_front") facing(-stand_column_width / 2, column_front, t) column_front_plate();
if (part == "in_place_column_back") facing(-stand_column_width / 2, column_back - t, t) column_back_plate();
if (part == "in_place_column_left") sideways(-stand_column_width / 2, column_front, t) column_side();
if (part == "in_place_column_right") sideways(stand_column_width / 2 - t, column_front, t) column_side();
if (part == "in_place_arm_floor") translate([-head_half, arm_front_in, arm_z]) sheet() arm_floor();
if (part == "in_place_arm_left") sideways(-head_half, arm_front_in, arm_z) arm_side();
if (part == "in_place_arm_right") sideways(head_half - t, arm_front_in, arm_z) arm_side();
if (part == "in_place_arm_rear") facing(-head_half, column_back - t, arm_z) arm_rear();
if (part == "in_place_lid") translate([-head_half, lid_front, arm_top]) sheet() lid();
if (part == "in_place_ridges") for (side = [-1, 1]) facing(-head_half + case_radius, stand_slot + side * (stand_slot_gap + t) / 2 - t / 2, arm_top + t) ridge();
if (part == "in_place_tub_back") on_stand() translate([-head_half, 0, 0]) sheet() tub_back();
if (part == "in_place_tub_left") on_stand() translate([-head_half, 0, 0]) rotate([0, -90, 0]) mirror([0, 0, 1]) sheet() tub_side();
if (part == "in_place_tub_right") on_stand() translate([head_half - t, 0, 0]) rotate([0, -90, 0]) mirror([0, 0, 1]) sheet() tub_side();
if (part == "in_place_tub_bottom") on_stand() translate([-head_half, t, 0]) rotate([90, 0, 0]) sheet() tub_end();
if (part == "in_place_tub_top") on_stand() translate([-head_half, tub_height, 0]) rotate([90, 0, 0]) sheet() tub_end();
if (part == "in_place_panel") on_stand() translate([-head_half, 0, head_d]) sheet() panel();
if (part == "in_place_ears") {
    on_stand() at_each(panel_holes) for (n = [1, 2]) translate([-ear / 2, -ear / 2, head_d - n * t]) sheet() if (n == 1) ear(); else ear_nut();
    at_each(lid_holes) for (n = [1, 2]) translate([-ear / 2, -ear / 2, arm_top - n * t]) sheet() if (n == 1) ear(); else ear_nut();
}
