// How a wish of the clerk reaches the bridge, with the page around it left out.
import assert from "node:assert/strict"
import { test } from "node:test"

import { wayActs } from "../../bridge/static/js/desk/acts-ways.js"

const PAGE = { location: new URL("http://counter.test/desk"), document: { createElement: () => ({}) } }

/** A desk in the visit v1, whose bridge answers `answers[METHOD]`, and the methods that reached it. */
async function deskWith(t, answers) {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  const asked = []
  const fetch = async (_path, { method }) => {
    asked.push(method)
    const [status, body] = answers[method] ?? [503, {}]
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } })
  }
  Object.assign(globalThis, PAGE, { fetch })
  const { Desk } = await import("../../bridge/static/js/desk/store.js")
  const desk = new Desk()
  t.after(() => desk.stop())
  desk.update({ server: { visit: { id: "v1" } } })
  const changes = () => asked.filter((one) => one !== "GET")
  return { desk, changes, asked: (method) => asked.filter((one) => one === method).length }
}

test("two presses make one link for the interpreter, and it is shown", async (t) => {
  const { desk, asked } = await deskWith(t, { POST: [201, { url: "https://counter.test/guest#s" }] })
  const { invite } = wayActs(desk)
  const first = invite()
  assert.equal(desk.state.busy.invite, true)
  await Promise.all([first, invite()])
  assert.equal(asked("POST"), 1)
  assert.deepEqual(desk.state.dialog, { kind: "invitation", url: "https://counter.test/guest#s" })
})

test("an invitation that was refused says why, and shows nothing", async (t) => {
  const { desk } = await deskWith(t, { POST: [409, { key: "not-met", title: "Nobody is in the meeting yet." }] })
  await wayActs(desk).invite()
  assert.equal(desk.state.dialog, null)
  assert.deepEqual(desk.state.toasts.map(({ text }) => text), ["Nobody is in the meeting yet."])
})

test("what went wrong with a wish is not said any more once it is done", async (t) => {
  const answers = { POST: [400, { key: "pdf-unsound", title: "This is no PDF." }] }
  const { desk } = await deskWith(t, answers)
  const bring = () => desk.send("bring", "POST", "/api/visits/v1/documents", {})
  desk.toast("Something else.")
  assert.equal(await bring(), false)
  assert.deepEqual(desk.state.toasts.map(({ text }) => text), ["Something else.", "This is no PDF."])
  t.mock.timers.tick(600)
  answers.POST = [201, {}]
  await bring()
  assert.deepEqual(desk.state.toasts.map(({ text }) => text), ["Something else."])
})

/** The acts of a desk that has just removed a page of a visit, whose paperwork is left or that is in `state`. */
async function removing(t, answers, state = "wrap_up") {
  const { desk, changes } = await deskWith(t, answers)
  const { actsOf } = await import("../../bridge/static/js/desk/acts.js")
  desk.update({ server: { visit: { id: "v1", services: [], ticket: { state } } } })
  const acts = actsOf(desk)
  acts.removePage({ id: "p1" })
  return { desk, acts, changes }
}

test("a page that is being removed goes before the visit is closed, however often that is pressed", async (t) => {
  const { acts, changes } = await removing(t, { DELETE: [200, {}], POST: [200, {}] })
  await Promise.all([acts.close(), acts.close()])
  assert.deepEqual(changes(), ["DELETE", "POST"])
})

for (const [state, leave] of [["called", "noShow"], ["serving", "park"], ["serving", "transfer"]]) {
  test(`a page that is being removed goes before the visit is left: ${leave}`, async (t) => {
    const { acts, changes } = await removing(t, { DELETE: [200, {}], POST: [200, {}] }, state)
    await acts[leave]()
    assert.deepEqual(changes(), ["DELETE", "POST"])
  })
}

test("a visit is not closed over a page that could not be removed", async (t) => {
  const { desk, acts, changes } = await removing(t, { DELETE: [409, { key: "x", title: "It is being read." }] })
  await Promise.all([acts.close(), acts.close()])
  assert.deepEqual(changes(), ["DELETE"])
  assert.deepEqual(desk.state.toasts.map(({ text }) => text), ["It is being read."])
})

test("a removal that was taken back is not done when the visit is closed", async (t) => {
  const { acts, changes } = await removing(t, { POST: [200, {}] })
  acts.keepPage({ id: "p1" })
  await acts.close()
  assert.deepEqual(changes(), ["POST"])
})
