// What the counter's screen decides, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { Idle } from "../../bridge/static/js/kiosk/idle.js"
import { fractionOf, guideOf, sortJobs } from "../../bridge/static/js/kiosk/jobs.js"
import { languageOf, pageOf, screenOf } from "../../bridge/static/js/kiosk/screen.js"
import { attentionOf, positionText, purposeText } from "../../bridge/static/js/kiosk/sentences.js"
import { count, wipe } from "../../bridge/static/js/kiosk/wipe.js"
import { useLanguage } from "../../bridge/static/js/lib/gettext.js"
import { Lines, Sender, SEND_AFTER_MS } from "../../bridge/static/js/lib/lines.js"

const kiosk = ({ counter = "idle", ticket = null, visit = null, isOpen = true } = {}) => ({
  counter: { key: "counter-1", name: "Counter 1", state: counter },
  office: { name: "Oficina Única", is_open: isOpen },
  ticket: ticket && { number: "A012", state: ticket, language: "ca", ahead: 0 },
  visit: visit && { id: "v", is_paused: false, step: null },
  jobs: [],
})

test("the screen follows from the state alone, so that a reload comes back to the same place", () => {
  const table = [
    [{ server: null, isUnpaired: true }, "pairing"],
    [{ server: null }, "starting"],
    [{ server: kiosk() }, "language"],
    [{ server: kiosk(), language: "es" }, "errands"],
    [{ server: kiosk({ ticket: "waiting" }) }, "waiting"],
    [{ server: kiosk({ ticket: "waiting" }), language: "es" }, "waiting"],
    [{ server: kiosk({ counter: "reserved", ticket: "called", visit: true }) }, "called"],
    [{ server: kiosk({ counter: "in_visit", ticket: "connecting", visit: true }) }, "meeting"],
    [{ server: kiosk({ counter: "in_visit", ticket: "serving", visit: true }) }, "meeting"],
    [{ server: kiosk({ counter: "in_visit", ticket: "interrupted", visit: true }) }, "meeting"],
    [{ server: kiosk({ counter: "cleaning", ticket: "wrap_up", visit: true }) }, "goodbye"],
    [{ server: kiosk({ counter: "cleaning" }) }, "goodbye"],
    [{ server: kiosk({ counter: "offline" }) }, "preparing"],
    [{ server: kiosk({ counter: "self_test" }) }, "preparing"],
    [{ server: kiosk({ counter: "needs_help" }) }, "unavailable"],
    [{ server: kiosk({ counter: "out_of_service" }), language: "ca" }, "unavailable"],
    [{ server: kiosk({ isOpen: false }) }, "closed"],
    [{ server: kiosk({ isOpen: false, ticket: "waiting" }) }, "waiting"],
    [{ server: kiosk({ counter: "offline", ticket: "waiting" }) }, "waiting"],
  ]
  for (const [state, screen] of table) assert.equal(screenOf(state), screen, JSON.stringify(state))
})

test("the ticket's language wins over what was touched here", () => {
  assert.equal(languageOf({ server: kiosk({ ticket: "waiting" }), language: "en" }), "ca")
  assert.equal(languageOf({ server: kiosk(), language: "en" }), "en")
  assert.equal(languageOf({ server: kiosk() }), null)
})

test("errands are shown page by page, and after the last comes the first", () => {
  const all = ["a", "b", "c"]
  assert.deepEqual(pageOf(all, 0, 2), { pages: 2, shown: ["a", "b"] })
  assert.deepEqual(pageOf(all, 1, 2), { pages: 2, shown: ["c"] })
  assert.deepEqual(pageOf(all, 2, 2).shown, ["a", "b"])
  assert.deepEqual(pageOf([], 0, 2), { pages: 1, shown: [] })
})

const job = (id, state, kind = "scan", at = "2026-11-24T09:00:00Z") => ({ id, state, kind, requested_at: at })

test("what waits for the citizen comes in order: stop, consent, trouble, question, text, step", () => {
  const visit = { is_paused: false, step: { key: "scan-id" } }
  const jobs = [job("a", "produced", "print"), job("b", "needs_attention"), job("c", "awaiting_consent")]
  assert.equal(guideOf({ visit: { ...visit, is_paused: true }, jobs }).kind, "paused")
  assert.equal(guideOf({ visit, jobs }).job.id, "c")
  assert.equal(guideOf({ visit, jobs: jobs.slice(0, 2) }).kind, "attention")
  assert.equal(guideOf({ visit, jobs: jobs.slice(0, 1), isSaying: true }).kind, "question")
  const page = { ...job("p", "needs_attention", "scan"), awaits_page: 2 }
  assert.equal(guideOf({ visit, jobs: [page], isSaying: true }).kind, "page")
  assert.deepEqual([sortJobs([page]).attention, sortJobs([page]).page.id], [null, "p"])
  assert.equal(guideOf({ visit, jobs: [], isSaying: true }).kind, "say")
  assert.equal(guideOf({ visit, jobs: [] }).step.key, "scan-id")
})

test("the oldest request is asked first, and a scan is never asked whether it came out", () => {
  const late = job("late", "awaiting_consent", "scan", "2026-11-24T09:05:00Z")
  const early = job("early", "awaiting_consent", "scan", "2026-11-24T09:01:00Z")
  assert.equal(sortJobs([late, early]).consent.id, "early")
  assert.equal(sortJobs([job("s", "produced", "scan")]).question, null)
})

test("the light is on from the queue to the end, and off while consent is asked", () => {
  for (const state of ["queued", "running"]) assert.equal(sortJobs([job("a", state)]).busy.id, "a")
  // A printer without paper is not at work.
  for (const state of ["awaiting_consent", "needs_attention", "produced", "refused"]) {
    assert.equal(sortJobs([job("a", state)]).busy, null)
  }
})

test("a progress of another job, or none, moves nothing; nonsense stays within bounds", () => {
  const running = job("a", "running")
  assert.equal(fractionOf(running, { job: "b", fraction: 0.5 }), null)
  assert.equal(fractionOf(running, null), null)
  assert.equal(fractionOf(running, { job: "a", fraction: 7 }), 1)
})

test("choices are warned of for ten seconds and vanish after forty-five", () => {
  const idle = new Idle(0)
  assert.deepEqual(idle.look(34_999), { isOver: false, secondsLeft: null })
  assert.deepEqual(idle.look(35_000), { isOver: false, secondsLeft: 10 })
  assert.deepEqual(idle.look(44_100), { isOver: false, secondsLeft: 1 })
  assert.equal(idle.look(45_000).isOver, true)
  idle.touch(45_000)
  assert.deepEqual(idle.look(46_000), { isOver: false, secondsLeft: null })
})

test("a clock that was set back does not keep choices for hours", () => {
  const idle = new Idle(10_000_000)
  idle.look(1_000)
  assert.equal(idle.look(46_001).isOver, true)
})

test("the position is said in words", () => {
  useLanguage("en")
  assert.equal(positionText(0), "You are next")
  assert.equal(positionText(1), "1 person before you")
  assert.equal(positionText(4), "4 people before you")
  assert.equal(positionText(undefined), "You are next")
  assert.equal(positionText(0, 2), "You are next")
})

test("nobody is next where nobody calls", () => {
  assert.notEqual(positionText(0, 0), positionText(0, 1))
  assert.equal(positionText(0, 0), positionText(3, 0))
})

test("every reason has its picture, and one nobody knows is a device that needs help", () => {
  assert.equal(attentionOf("paper_empty").picture, "paper-empty")
  assert.deepEqual(attentionOf("struck_by_lightning"), attentionOf("unknown"))
})

test("a purpose is a word for a citizen, never a key", () => {
  const step = { title: { en: "Scan the deed" } }
  assert.equal(purposeText("identity-card"), "Your identity card")
  assert.equal(purposeText("x-plugin.key", step), "Scan the deed")
  assert.equal(purposeText("x-plugin.key"), "A document")
  assert.equal(purposeText("Census form"), "Census form")
  assert.equal(purposeText({ en: "Form", ca: "Full" }), "Form")
  assert.equal(purposeText(null), "A document")
})

test("letters go out within half a second, together, the newest text last", async () => {
  assert.ok(SEND_AFTER_MS < 500)
  const sent = []
  const done = new Promise((resolve) => {
    const sender = new Sender((message) => resolve(sent.push(message)))
    sender.type("h")
    sender.type("ho")
    sender.type("hol")
  })
  await done
  assert.deepEqual(sent, ["hol"])
})

test("two lines are told apart by side and number, and a line that comes again replaces itself", () => {
  const lines = new Lines()
  lines.put({ side: "clerk", line: 1, text: "Bon", isEnded: false })
  lines.put({ side: "citizen", line: 1, text: "Sí", isEnded: true })
  lines.put({ side: "clerk", line: 1, text: "Bon dia", isEnded: true })
  assert.deepEqual(lines.all.map(({ side, text }) => [side, text]), [["clerk", "Bon dia"], ["citizen", "Sí"]])
  assert.equal(lines.nextOf("clerk"), 2)
})

class Store extends Map {
  get length() {
    return this.size
  }
}

test("the wipe leaves nothing, and its proof counts what there is", async () => {
  const names = new Set(["v1"])
  const databases = new Set(["d1"])
  const page = {
    localStorage: new Store([["a", "b"]]),
    sessionStorage: new Store([["c", "d"]]),
    caches: { keys: async () => [...names], delete: async (name) => names.delete(name) },
    indexedDB: {
      databases: async () => [...databases].map((name) => ({ name })),
      deleteDatabase: (name) => {
        const request = {}
        queueMicrotask(() => databases.delete(name) && request.onsuccess())
        return request
      },
    },
    document: { querySelectorAll: () => [] },
  }
  assert.deepEqual(await count(page), { storage: 3, caches: 1, elements: 0 })
  assert.deepEqual(await wipe(page), { storage: 0, caches: 0, elements: 0 })
})
