// The page: what the hub tells goes into a queue; the stage plays it at a pace that people can watch.

import { say, roomSpeaks } from "./dom.js";
import { Invite } from "./invite.js";
import { NextPlayer } from "./nextplayer.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";
import { Story } from "./story.js";
import { follow } from "./stream.js";
import { t } from "./text.js";

const CHOSEN = new URLSearchParams(location.search).has("lang"); // Else the page speaks as its room does.
const LATE = 3; // More changes than this waiting: stop playing, catch up.

const stage = new Stage(document.getElementById("room"));
const story = new Story((node) => stage.titleOf(node));
const side = new Side((node) => stage.titleOf(node));
const invite = new Invite();
const nextPlayer = new NextPlayer();
const queue = [];
let playing = false;
let began = false;

function begin(state) {
  if (!CHOSEN && state.lesson.language !== document.documentElement.lang) {
    location.reload(); // The hub gives the page the words of the room's language.
    return;
  }
  queue.length = 0;
  began = true;
  roomSpeaks(state.lesson.language);
  say(document.getElementById("lesson-title"), state.lesson.title);
  say(document.getElementById("lesson-goal"), state.lesson.goal);
  document.title = `${state.lesson.title} · Paperhop`;
  tell(state);
  stage.begin(state);
  story.begin(state.story, state.round);
  side.tell({ ...state, entry: state.story.at(-1) });
  invite.tell(state);
  side.countDown(state.countdown);
  nextPlayer.hear(state);
}

/** Shows which act of the lesson is played, and in which round, as far as `news` says so. */
function tell(news) {
  if ("act" in news) {
    say(document.getElementById("act-title"), news.act?.title);
    say(document.getElementById("act-text"), news.act?.text);
    document.getElementById("act").hidden = !news.act;
  }
  if ("round" in news) say(document.getElementById("round"), t("screen.round", { round: news.round }));
}

async function play() {
  if (playing) return;
  playing = true;
  let late = false;
  while (queue.length) {
    late = queue.length > LATE || (late && queue.length > 1);
    const change = queue.shift();
    tell(change);
    const speed = late ? 0 : 1 + queue.length * 0.8;
    try {
      await stage.play(change, speed, () => {
        story.enter(change.round);
        if (change.entry) story.add(change.entry);
        side.tell(change);
        invite.tell(change);
      });
    } catch (error) {
      console.error("A change could not be shown; the next one is played all the same.", error);
    }
  }
  playing = false;
}

follow({
  onState: begin,
  onChange(change) {
    nextPlayer.hear(change);
    queue.push(change);
    play();
  },
  onCountdown({ seconds }) {
    side.countDown(seconds);
  },
  onLine(connected) {
    const lost = t(began ? "screen.no-line" : "screen.looking");
    say(document.getElementById("banner"), connected ? "" : lost);
    document.body.classList.toggle("lost", !connected);
  },
});
