// The citizen's seat in the meeting: everything is there before the touch, and is asked for once.
import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"

import { Seat } from "../../bridge/static/js/kiosk/seat.js"

const JOIN = { provider: "jitsi", visit: "v1", jwt: "t" }
let asked
let scripts

beforeEach(() => {
  asked = []
  scripts = []
  globalThis.fetch = async (path) => {
    asked.push(path)
    return new Response(JSON.stringify({ ...JOIN, jwt: "fetched" }), { headers: { "Content-Type": "application/json" } })
  }
  globalThis.document = {
    documentElement: { lang: "en" },
    createElement: () => ({ remove() {} }),
    head: {
      append: (script) => {
        scripts.push(script.src)
        script.onload()
      },
    },
  }
})

afterEach(() => {
  delete globalThis.document
})

const settled = () => new Promise((done) => setImmediate(done))

function seated() {
  const sat = []
  return { sat, seat: new Seat({ sit: (join) => sat.push(join), load: async () => {} }) }
}

test("a way in that came with the arrival is not asked for again", async () => {
  const { sat, seat } = seated()
  seat.follow("v1 jitsi", JOIN)
  await settled()
  assert.deepEqual(sat, [null, JOIN])
  assert.deepEqual(asked, [])
})

test("without one, after a reload or a move, it is asked for", async () => {
  const { sat, seat } = seated()
  seat.follow("v1 jitsi")
  await settled()
  await settled()
  assert.equal(sat.at(-1).jwt, "fetched")
  assert.deepEqual(asked, ["/api/kiosk/meeting"])
})

test("while the citizen is called, Jitsi's script is loaded once, and no way in is asked for", async () => {
  const { sat, seat } = seated()
  const visit = { id: "v1", script: "https://meet.example.org:8443/external_api.js" }
  await seat.prepare(visit)
  await seat.prepare(visit)
  await seat.prepare({ id: "v2", script: null })
  assert.deepEqual(scripts, ["https://meet.example.org:8443/external_api.js"])
  assert.deepEqual([asked, sat], [[], []])
})

test("a script that does not come keeps nobody from the seat", async () => {
  const { sat, seat } = seated()
  document.head.append = (script) => script.onerror()
  await seat.prepare({ id: "v1", script: "https://meet.example.com/external_api.js" })
  seat.follow("v1 jitsi", JOIN)
  await settled()
  assert.deepEqual(sat.at(-1), JOIN)
})
