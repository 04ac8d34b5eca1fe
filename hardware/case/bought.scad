// What is bought, as far as the case must know it: the room it takes and how it looks. Where it is in the badge, or in its own frame.
include <shapes.scad>

part = "board";

// ---- the board and what is on it, from the board's face towards the player (z)

module pcb() layer(-board_thickness, 0) difference() {
    middle_of_board() middle_rect([board_width, board_height], board_corner_radius);
    at_each(board_holes) circle(d = board_hole_diameter);
    translate(pi_centre) pi_hole_places() circle(d = pi_hole_diameter);
}
module middle_of_board() translate([board_width / 2, board_height / 2]) children();

module led() { cylinder(d = 5, h = board_height_in_front - 2.5); translate([0, 0, board_height_in_front - 2.5]) sphere(d = 5, $fn = 20); cylinder(d = 5.8, h = 1); }

module board_switches() for (p = [buttons_scan, buttons_power]) translate(p) {
    translate([-switch_side / 2, -switch_side / 2, 0]) cube([switch_side, switch_side, 3.6]);
    cylinder(d = 3.4, h = switch_top);
}
module board_buzzer() translate(buzzer_centre) difference() { cylinder(d = buzzer_diameter, h = 6.5); translate([0, 0, 6]) cylinder(d = 3, h = 1); }

// The Raspberry Pi, seen by the player as its drawing shows it, its face towards the board.
module pi_at_board(z) translate([pi_centre[0], pi_centre[1], z]) children();
// From its middle and its face; x right, y down, z to the player.
module pi_board() {
    w = pi_width / 2; h = pi_height / 2;
    layer(-1.4, 0) difference() {
        middle_rect([pi_width, pi_height], 3);
        pi_hole_places() circle(d = pi_hole_diameter);
    }
}
module pi_hole_places() for (x = [-1, 1], y = [-1, 1]) translate([x * (pi_width / 2 - pi_holes_from_corner), y * (pi_height / 2 - pi_holes_from_corner)]) children();
module pi_parts() {
    w = pi_width / 2; h = pi_height / 2;
    translate([-w + pi_plugs_hdmi - 5.6, h - 7, 0]) cube([11.2, 7.5, 3.4]);
    for (x = [pi_plugs_usb, pi_plugs_power]) translate([-w + x - 4, h - 5, 0]) cube([8, 6, 2.8]);
    translate([-w - 1.5, -h + pi_sd_from_top - 6, 0]) cube([13, 12, 1.5]);
    translate([w - 4.5, -h + pi_camera_from_top - 8.5, 0]) cube([5, 17, 1.5]);
    translate([-9, -5, 0]) cube([14, 14, 1.4]);
}
// Header and socket, between the two boards.
module pi_header(length) translate([-25.4, -pi_height / 2 + pi_header_from_edge - 2.54, 0]) cube([50.8, 5.08, length]);
// What is plugged in for power, and the beginning of its cable.
module pi_plug() translate([-pi_width / 2 + pi_plugs_power, pi_height / 2 + 1, 1.4]) {
    translate([-plug_size[0] / 2, 0, -plug_size[2] / 2]) cube([plug_size[0], plug_size[1] - 6, plug_size[2]]);
    translate([0, plug_size[1] - 6, 0]) rotate([-90, 0, 0]) cylinder(d = plug_cable, h = 6);
}

face_of_pi = -board_thickness - pi_distance;

// ---- the camera: from its lens's middle and the board's face; x right, y up, z out of the lens

module camera_pcb() layer(-camera_thickness, 0) difference() {
    translate([-camera_lens[0], camera_lens[1] - camera_height]) square([camera_width, camera_height]);
    for (p = camera_holes) translate([p[0] - camera_lens[0], camera_lens[1] - p[1]]) circle(d = screws_camera_clearance - 0.1);
}
module camera_parts() {
    translate([-camera_lens_side / 2, -camera_lens_side / 2, 0]) cube([camera_lens_side, camera_lens_side, camera_lens_front - 2]);
    cylinder(d = 7.5, h = camera_lens_front);
    translate([-camera_width / 2 + 2, camera_lens[1] - camera_height, -camera_thickness - camera_behind]) cube([camera_width - 4, 5.5, camera_behind]);
}
module camera_on_stand() translate([0, 0, arm_z + case_wall + camera_post]) scale([-1, 1, -1]) children();
module camera_on_lanyard() translate([0, lanyard_lens, lanyard_cover_depth - case_wall - camera_post]) rotate(180) children();

// ---- other things

module bank() hull() for (z = [1, -1]) for (y = [-1, 1]) translate([0, y * (bank_width / 2 - 4), 0]) rotate([0, 90, 0])
    translate([z * (bank_height / 2 - 4), 0, 0]) cylinder(r = 4, h = bank_length);
module bank_plug() translate([bank_length, -bank_plug[1] / 2 - 12, -bank_plug[2] / 2]) cube([bank_plug[0], bank_plug[1], bank_plug[2]]);
module bank_on_stand() translate([stand_bay_end - bank_length, stand_bay_front + stand_bay[1] / 2, case_wall + bank_height / 2]) children();
module bank_on_lanyard() translate([0, -lanyard_camera_room + case_radius + case_wall, -case_wall - screws_sink - 0.7 - bank_height / 2]) rotate([0, 0, 90]) children();

module breadboard_in_head() translate([-breadboard_length / 2, head_below + board_height - buttons_scan[1] - breadboard_width / 2, case_wall]) children();
module breadboard() difference() {
    cube([breadboard_length, breadboard_width, breadboard_height]);
    translate([8, breadboard_width / 2 - 1.5, breadboard_height - 2]) cube([breadboard_length - 16, 3, 3]);
}

// The power cable, from the power bank through foot, column and arm to the Raspberry Pi; and the camera's ribbon, folded behind
// the Raspberry Pi. With sharp corners, which they do not have.
module path(points, d) for (n = [0:len(points) - 2]) hull() for (p = [points[n], points[n + 1]]) translate(p) sphere(d = d, $fn = 12);
function plug_end() = [pi_centre[0] - pi_width / 2 + pi_plugs_power - board_width / 2,
    head_below + board_height - pi_centre[1] - pi_height / 2 - 1 - plug_size[1], board_front - board_thickness - pi_distance + 1.4];
module cable_in_head() path([plug_end() + [0, -2.2, 0], plug_end() + [0, -2.5, -3], [plug_end()[0], 12, 0], [plug_end()[0], 12, -8]], plug_cable);
module cable_on_stand() {
    middle = (column_front + column_back) / 2;
    path([
        [stand_bay_end + bank_plug[0] + 2.5, stand_bay_front + stand_bay[1] / 2 - 12, case_wall + bank_height / 2],
        [stand_bay_end + bank_plug[0] + 3, -22, 9], [86, -2, 8], [66, 50, 7], [45, middle, 6.5], [0, middle, 6.5], [0, middle, 22], [0, middle, arm_z + 5], [0, column_front, arm_z + 7],
        [18, 34, arm_z + 7], [plug_end()[0], 0, arm_z + 8],
        [plug_end()[0], stand_arm_front + 11.5, arm_z + 8],
    ], plug_cable);
}
// Around the cable, through the arm's two slots.
module tie() translate([0, column_front - 6, 0]) rotate([90, 0, 0]) linear_extrude(2.5, center = true) difference() {
    translate([-8.6, arm_z - 1.2]) square([17.2, 10.5 + 2 * 1.2]);
    translate([-7.4, arm_z - 0.05]) square([14.8, 10.5]);
}
module ribbon() {
    w = camera_ribbon / 2; thin = camera_ribbon_thickness;
    u = head_below + board_height - pi_centre[1] + pi_height / 2 - pi_camera_from_top;
    d = board_front - board_thickness - pi_distance + 0.6;
    out = pi_width / 2 + 7; back = case_wall + 2.4;
    translate([pi_width / 2 + 0.6, u - w, d]) cube([out - pi_width / 2 - 0.6, 2 * w, thin]);
    translate([out, u - w, back]) cube([thin, 2 * w, d - back + thin]);
    translate([-w, u - w, back]) cube([out + w, 2 * w, thin]);
    translate([-w, 15, back]) cube([2 * w, u - 15, thin]);
    hull() { translate([-w, 15, back]) cube([2 * w, thin, thin]); translate([-w, 13.5, -7]) cube([2 * w, thin, thin]); }
}

// Laid against the column, or at the back of the recess.
module card(size, back, z) layer(z, z + 0.3) translate([-size[0] / 2, back - size[1]]) square(size);
module role_card() translate([-reading_a6[0] / 2, stand_slot - 0.15, arm_top + case_wall]) cube([reading_a6[0], 0.3, reading_a6[1]]);

// ---- screws: the head's under side at the origin, the thread down; as thick as the thread's core
module screw(length, head = screws_head, core = screws_core) {
    cylinder(d = head[0], h = head[1]);
    translate([0, 0, -length]) cylinder(d = core, h = length + eps);
}
module nut() difference() { cylinder(d = screws_nut[0] / cos(30), h = screws_nut[1], $fn = 6); translate([0, 0, -1]) cylinder(d = screws_clearance, h = 9); }

module screws_column_foot() at_each(column_bosses) translate([0, 0, stand_column_from - 5]) mirror([0, 0, 1]) screw(screws_long);
module screws_tray() at_each(stand_posts) translate([0, 0, tray_screw_from]) mirror([0, 0, 1]) screw(screws_long);
module screws_arm() at_each(column_bosses) translate([0, 0, arm_z + case_wall]) screw(screws_long);
module screws_lid() at_each(lid_bosses) translate([0, 0, arm_top + case_wall]) screw(screws_long);
module screws_camera() camera_on_stand() camera_screws();
module camera_screws() for (p = camera_holes) translate([p[0] - camera_lens[0], camera_lens[1] - p[1], -camera_thickness]) mirror([0, 0, 1]) screw(screws_camera_length, screws_camera_head, screws_camera_core);
module screws_head_arm() on_stand() at_each(head_arm_screws) translate([0, 0, case_wall]) screw(screws_middle);
module nuts_head_arm() on_stand() at_each(head_arm_screws) translate([0, 0, -case_wall - screws_nut[1]]) nut();
module screws_panel() at_each(head_bosses) translate([0, 0, head_depth]) screw(screws_long);
module screws_board() on_board() at_each(board_holes) translate([0, 0, -board_thickness]) mirror([0, 0, 1]) screw(screws_middle);
// What holds the Raspberry Pi behind the board: spacers, a screw from either side. And one that lies in the arm.
module spacers_pi() on_board() pi_at_board(face_of_pi) pi_hole_places() difference() {
    cylinder(d = 5, h = pi_distance);
    translate([0, 0, -1]) cylinder(d = screws_thread, h = pi_distance + 2);
}
module screws_spacers() on_board() pi_at_board(0) pi_hole_places() screw(screws_short);
module screws_pi() on_board() pi_at_board(face_of_pi - 1.4) pi_hole_places() mirror([0, 0, 1]) screw(screws_short);
module screws_arm_pi() pi_in_arm() pi_hole_places() screw(screws_short);
module screws_lanyard() at_each(concat(head_bosses, cover_bosses)) translate([0, 0, -2 * case_wall]) mirror([0, 0, 1]) screw(screws_long);

// In the head's frame
if (part == "board") on_board() pcb();
if (part == "leds") on_board() at_each(lights) led();
if (part == "switches") on_board() board_switches();
if (part == "buzzer") on_board() board_buzzer();
if (part == "pi") on_board() pi_at_board(face_of_pi) pi_board();
if (part == "pi_parts") on_board() pi_at_board(face_of_pi) pi_parts();
if (part == "pi_header") on_board() pi_at_board(face_of_pi) pi_header(pi_distance);
if (part == "plug") on_board() pi_at_board(face_of_pi) pi_plug();
if (part == "ribbon") ribbon();
if (part == "cable_in_head") cable_in_head();
if (part == "marks") layer(head_depth - 0.8, head_depth - 0.7) engraving();
if (part == "icons") layer(head_depth - case_wall + head_skin, head_depth - case_wall + head_skin + 0.1) icons();
if (part == "screws_board") screws_board();
if (part == "screws_panel") screws_panel();
if (part == "spacers_pi") spacers_pi();
if (part == "screws_spacers") screws_spacers();
if (part == "screws_pi") screws_pi();
if (part == "breadboard") breadboard_in_head() breadboard();
// In the stand's
if (part == "camera") camera_on_stand() camera_pcb();
if (part == "camera_parts") camera_on_stand() camera_parts();
if (part == "cable") cable_on_stand();
if (part == "tie") tie();
if (part == "bank") bank_on_stand() bank();
if (part == "bank_plug") bank_on_stand() bank_plug();
if (part == "arm_pi") pi_in_arm() pi_board();
if (part == "arm_pi_parts") pi_in_arm() pi_parts();
if (part == "arm_pi_header") pi_in_arm() pi_header(21);
if (part == "arm_pi_plug") pi_in_arm() pi_plug();
if (part == "screws_arm_pi") screws_arm_pi();
if (part == "card_a6") card(reading_a6, stand_a6_back - 0.5, tray_top - case_wall);
if (part == "card_a5") card(reading_a5, column_front - 0.5, tray_top);
if (part == "role_card") role_card();
if (part == "screws_column_foot") screws_column_foot();
if (part == "screws_tray") screws_tray();
if (part == "screws_arm") screws_arm();
if (part == "screws_lid") screws_lid();
if (part == "screws_camera") screws_camera();
if (part == "screws_head_arm") screws_head_arm();
if (part == "nuts_head_arm") nuts_head_arm();
// In the lanyard's, which is the head's
if (part == "lanyard_camera") camera_on_lanyard() camera_pcb();
if (part == "lanyard_camera_parts") camera_on_lanyard() camera_parts();
if (part == "lanyard_camera_screws") camera_on_lanyard() camera_screws();
if (part == "lanyard_bank") bank_on_lanyard() bank();
if (part == "lanyard_bank_plug") bank_on_lanyard() bank_plug();
if (part == "screws_lanyard") screws_lanyard();

// On the arm's floor, its plugs to the back.
module pi_in_arm() translate([0, stand_pi_in_arm, arm_z + case_wall + 3 + 1.4]) scale([-1, 1, 1]) children();
