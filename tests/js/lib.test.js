// The shared pieces of the front end, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { ApiError } from "../../bridge/static/js/lib/api.js"
import { failureText } from "../../bridge/static/js/lib/failures.js"
import { gettext, ngettext, onLanguage, pick, setCatalogue, useLanguage } from "../../bridge/static/js/lib/gettext.js"
import { Refresher } from "../../bridge/static/js/lib/refresher.js"

test("a text without a catalogue is its English source, with its places filled", () => {
  useLanguage("en")
  assert.equal(gettext("Number %(number)s", { number: "A012" }), "Number A012")
})

test("a place that got no value stays readable, and %% is a percent sign", () => {
  assert.equal(gettext("%(who)s: 100%%"), "%(who)s: 100%")
})

test("a value is never read as a place itself", () => {
  assert.equal(gettext("%(a)s %(b)s", { a: "%(b)s", b: "x" }), "%(b)s x")
})

test("a catalogue translates, and what it lacks stays English", () => {
  setCatalogue("ca", { Yes: "Sí", Empty: "" })
  useLanguage("ca")
  assert.equal(gettext("Yes"), "Sí")
  assert.equal(gettext("Empty"), "Empty")
  assert.equal(gettext("No"), "No")
})

test("plurals come as a list of forms or as two flat entries", () => {
  setCatalogue("ca", { "%(num)s page": ["%(num)s pàgina", "%(num)s pàgines"] })
  useLanguage("ca")
  assert.equal(ngettext("%(num)s page", "%(num)s pages", 1), "1 pàgina")
  assert.equal(ngettext("%(num)s page", "%(num)s pages", 0), "0 pàgines")
  setCatalogue("ca", { "%(num)s page": "%(num)s pàgina", "%(num)s pages": "%(num)s pàgines" })
  assert.equal(ngettext("%(num)s page", "%(num)s pages", 3), "3 pàgines")
})

test("those who watch the language hear of a change once, and no longer after they left", () => {
  useLanguage("en")
  let heard = 0
  const leave = onLanguage(() => (heard += 1))
  useLanguage("es")
  useLanguage("es")
  leave()
  useLanguage("en")
  assert.equal(heard, 1)
})

test("pick takes the language asked for, else one that is there", () => {
  assert.equal(pick({ ca: "a", es: "b", en: "c" }, "es"), "b")
  assert.equal(pick({ ca: "a" }, "en"), "a")
  assert.equal(pick(null, "en"), "")
  assert.equal(pick("plain", "en"), "plain")
})

test("a storm of refreshes asks once more after the request under way, and never twice at once", async () => {
  const asked = []
  const taken = []
  const refresher = new Refresher({
    ask: () => new Promise((resolve) => asked.push(resolve)),
    take: (state) => taken.push(state),
  })
  const done = refresher.refresh()
  for (let n = 0; n < 50; n += 1) refresher.refresh()
  assert.equal(asked.length, 1)
  asked[0]("first")
  await new Promise(setImmediate)
  assert.equal(asked.length, 2)
  asked[1]("second")
  await done
  assert.deepEqual(taken, ["first", "second"])
})

test("an answer that was asked for before a newer state came is not taken", async () => {
  const asked = []
  const taken = []
  const refresher = new Refresher({
    ask: () => new Promise((resolve) => asked.push(resolve)),
    take: (state) => taken.push(state),
  })
  const done = refresher.refresh()
  refresher.put("from a POST")
  asked[0]("old")
  await new Promise(setImmediate)
  asked[1]("new")
  await done
  assert.deepEqual(taken, ["from a POST", "new"])
})

test("a failed request is told and does not end the asking", async () => {
  const failures = []
  let isBroken = true
  const taken = []
  const refresher = new Refresher({
    ask: async () => {
      if (isBroken) throw new Error("gone")
      return "back"
    },
    take: (state) => taken.push(state),
    fail: (error) => failures.push(error.message),
  })
  await refresher.refresh()
  isBroken = false
  await refresher.refresh()
  assert.deepEqual([failures, taken], [["gone"], ["back"]])
})

test("a web server that answers in the bridge's place is spoken for", () => {
  useLanguage("en")
  const said = (status) => failureText(new ApiError({ key: `http-${status}`, status }))
  assert.equal(said(413), "That is too large.")
  assert.equal(said(502), "The bridge cannot be reached. Please try again.")
  assert.equal(said(504), "The bridge did not answer in time. Please try again.")
  assert.equal(said(418), "The bridge gave an answer that makes no sense.")
})
