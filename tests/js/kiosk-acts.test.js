// What a touch of the counter's screen does.
import assert from "node:assert/strict"
import { test } from "node:test"

import { actsOf } from "../../bridge/static/js/kiosk/acts.js"

/** A kiosk on whose screen a name was written, and the paths that were sent; the bridge answers `yes`. */
function kioskOf() {
  const sent = []
  let yes = () => {}
  const answer = new Promise((resolve) => (yes = () => resolve(true)))
  const send = (path) => (sent.push(path), answer)
  const querySelector = () => ({ image: async () => "a picture" })
  return { kiosk: { send, querySelector }, sent, yes }
}

for (const [name, path] of [["leave", "/api/kiosk/departure"], ["sign", "/api/kiosk/jobs/j1/signature"]]) {
  test(`two touches of a button are one wish: ${name}`, async () => {
    const { kiosk, sent, yes } = kioskOf()
    const act = actsOf(kiosk)[name]
    const both = Promise.all([act({ id: "j1" }), act({ id: "j1" })])
    yes()
    assert.deepEqual([await both, sent], [[true, true], [path]])
    await act({ id: "j1" })
    assert.deepEqual(sent, [path, path])
  })
}
