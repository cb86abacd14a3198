// Pictures of papers: one for each job, none while everything is stopped.
import assert from "node:assert/strict"
import { test } from "node:test"

import { ApiError } from "../../bridge/static/js/lib/api.js"
import { CAMERA, isFine, Photographer } from "../../bridge/static/js/kiosk/camera.js"

const queued = { id: "j1", device: { id: CAMERA }, state: "queued" }
const state = (fields = {}) => ({ visit: { is_paused: false }, jobs: [queued], ...fields })

function photographer({ isHeard = true } = {}) {
  const [sent, taken] = [[], []]
  const made = new Photographer({
    send: async (path) => (sent.push(path), isHeard),
    take: () => new Promise((resolve) => taken.push(resolve)),
  })
  return { made, sent, taken }
}

test("one picture is taken and sent for a job, however often the state comes", async () => {
  const { made, sent, taken } = photographer()
  const first = made.follow(state())
  await made.follow(state())
  taken[0]("picture")
  await first
  await made.follow(state())
  assert.equal(taken.length, 1)
  assert.deepEqual(sent, ["/api/kiosk/jobs/j1/picture"])
})

test("while everything is stopped no camera is turned on, though the bridge knows nothing of it", async () => {
  const { made, taken } = photographer()
  await made.follow(state({ visit: { is_paused: true } }))
  assert.equal(taken.length, 0)
})

test("a picture that was being taken when everything was stopped is not sent", async () => {
  for (const news of [state({ visit: { is_paused: true } }), state({ jobs: [] })]) {
    const { made, sent, taken } = photographer()
    const first = made.follow(state())
    await made.follow(news)
    taken[0]("picture")
    await first
    assert.deepEqual(sent, [])
  }
})

test("a picture that did not arrive is taken again", async () => {
  const { made, sent, taken } = photographer({ isHeard: false })
  const first = made.follow(state())
  taken[0]("picture")
  await first
  made.follow(state())
  assert.equal(taken.length, 2)
  assert.equal(sent.length, 1)
})

test("a picture that the bridge refuses for good is not taken again, and the clerk is told why", async () => {
  for (const [status, key, fault] of [[413, "page-too-large", "page-too-large"], [413, "http-413", "page-unreadable"], [409, "job-elsewhere", null]]) {
    const [sent, taken] = [[], []]
    const made = new Photographer({
      send: async (path, body, _method, refused) => {
        sent.push([path.split("/").at(-1), body])
        const isHeard = path.endsWith("fault")
        if (!isHeard) refused(new ApiError({ key, status }))
        return isHeard
      },
      take: async () => (taken.push(1), "picture"),
    })
    await made.follow(state())
    await made.follow(state())
    assert.equal(taken.length, 1)
    assert.deepEqual(sent, [["picture", "picture"], ...(fault ? [["picture-fault", { fault }]] : [])])
  }
})

test("only what is no different later is refused for good", () => {
  const isRefusal = (status) => new ApiError({ key: "k", status }).isRefusal
  assert.deepEqual([0, 401, 408, 429, 500, 503].filter(isRefusal), [])
  assert.deepEqual([400, 404, 409, 413, 415].filter((status) => !isRefusal(status)), [])
})

test("a camera takes no picture that the bridge would not keep", () => {
  assert.equal(isFine(1920, 1080), true)
  assert.equal(isFine(1080, 1920), true)
  assert.equal(isFine(1600, 1200), false)
  assert.equal(isFine(1920, 720), false)
})
