// Shapes that several parts share. All lengths come from dimensions.scad.
include <dimensions.scad>

$fn = 40;
eps = 0.01;

module at_each(places) for (p = places) translate(p) children();

// A rectangle with round corners between two corners.
module round_rect(from, to, r) {
    translate([from[0] + r, from[1] + r]) offset(r) square([to[0] - from[0] - 2 * r, to[1] - from[1] - 2 * r]);
}

module middle_rect(size, r) round_rect([-size[0] / 2, -size[1] / 2], [size[0] / 2, size[1] / 2], r);

// A 2D shape from one height to another.
module layer(from, to) translate([0, 0, from]) linear_extrude(to - from) children();

// From the head's frame (x, u, d) to the stand's.
module on_stand() multmatrix(concat(head_on_stand, [[0, 0, 0, 1]])) children();

// From the board (x right, y down, z towards the player from its face) to the head's frame.
module on_board() translate([-board_width / 2, head_below + board_height, board_front]) scale([1, -1, 1]) children();

// 2D: places on the board in the head's frame.
module at_board(places) translate([-board_width / 2, head_below + board_height]) for (p = places) translate([p[0], -p[1]]) children();

lights = [lights_delivered, lights_rst, lights_dropped, lights_link];

module stroke(points, width) for (n = [0:len(points) - 2]) hull() for (p = [points[n], points[n + 1]]) translate(p) circle(d = width, $fn = 16);

// What a light says, in a circle of 1: a tick, a cross, a hole in the ground, a link. Nothing of them falls out when cut.
module icon(n) {
    if (n == 0) stroke([[-0.40, 0.02], [-0.12, -0.28], [0.40, 0.30]], 0.2);
    if (n == 1) { stroke([[-0.33, -0.33], [0.33, 0.33]], 0.2); stroke([[-0.33, 0.33], [0.33, -0.33]], 0.2); }
    if (n == 2) {
        stroke([[-0.42, 0.08], [-0.24, 0.08], [-0.24, -0.36], [0.24, -0.36], [0.24, 0.08], [0.42, 0.08]], 0.13);
        translate([0, 0.1]) circle(d = 0.3);
        translate([0, 0.34]) square([0.1, 0.22], center = true);
    }
    if (n == 3) {
        for (side = [-1, 1]) scale([side, 1]) stroke([[0.14, 0.2], [0.3, 0.2], [0.4, 0.1], [0.4, -0.1], [0.3, -0.2], [0.14, -0.2]], 0.14);
        stroke([[-0.2, 0], [0.2, 0]], 0.14);
    }
}

module icons() for (n = [0:3]) at_board([lights[n]]) scale(head_icon) icon(n);

// What is engraved beside the buttons: the corners of a picture, and a switch.
module scan_mark() for (a = [0:90:270]) rotate(a) stroke([[0.12, 0.45], [0.45, 0.45], [0.45, 0.12]], 0.14);
module power_mark() {
    difference() {
        circle(d = 1);
        circle(d = 0.7);
        translate([-0.18, 0.1]) square([0.36, 1]);
    }
    stroke([[0, 0.08], [0, 0.5]], 0.14);
}

// Beside the buttons; and a line below, where the head is empty.
module engraving() {
    at_board([[buttons_scan[0] + head_scan_cap[0] / 2 + 9, buttons_scan[1]]]) scale(9) scan_mark();
    at_board([[buttons_power[0], buttons_power[1] + 10]]) scale(6) power_mark();
    translate([0, 17]) packet_on_its_way();
}

module packet_on_its_way() {
    for (x = [-30, 30]) translate([x, 0]) difference() { circle(d = 9); circle(d = 6); }
    stroke([[-25.5, 0], [25.5, 0]], 1.4);
    stroke([[18, 5], [25.5, 0], [18, -5]], 1.4);
}

module scan_button(on) at_place(buttons_scan) button(head_depth + head_cap_out, on) middle_rect(head_scan_cap, 3);
module power_button() at_place(buttons_power) button(head_depth, board_front) circle(d = head_power_cap);

// A cap in the panel, a flange behind it, a foot on the switch.
module button(face, on) {
    back = head_depth - wall - case_gap;
    layer(back - head_flange, face) children();
    layer(back - head_flange, back) offset(head_flange) children();
    layer(on + switch_top + 0.1, back) circle(d = 5);
}
