// Where the focus goes at the counter's screen when something waits for an answer.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Turns } from "../../bridge/static/js/kiosk/turns.js"

const state = (job) => ({
  server: {
    counter: { state: "in_visit" }, office: { is_open: true }, ticket: { id: "t", state: "serving" },
    visit: { id: "v", provider: "jitsi", is_paused: false, step: null }, jobs: job ? [job] : [],
  },
})
const awaiting = (page) => ({ id: "j", kind: "scan", state: "needs_attention", reason: "next_page", awaits_page: page })

test("each question takes the focus once, the one for the next page as well", () => {
  const focused = []
  const page = { querySelectorAll: () => [], querySelector: (what) => ({ focus: () => focused.push(what) }) }
  const turns = new Turns({ page, chime: { ring: () => true } })
  turns.drawn(state())
  focused.length = 0
  for (const job of [
    { id: "j", kind: "scan", state: "awaiting_consent" }, { id: "j", kind: "scan", state: "running" },
    awaiting(2), awaiting(2), { id: "j", kind: "scan", state: "running" }, awaiting(3), null,
  ]) turns.drawn(state(job))
  assert.deepEqual(focused, Array(3).fill(".card-ask[tabindex]"))
})
