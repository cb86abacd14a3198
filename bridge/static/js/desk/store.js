// What desk and panel share: the state, the link, and how a wish reaches the bridge.
// @ts-check
import { api, ApiError, newIntent, request } from "../lib/api.js"
import { failureText } from "../lib/failures.js"
import { Link } from "../lib/socket.js"
import { LinkWatch } from "../lib/link-watch.js"
import { Intents } from "./models/intents.js"
import { newsOf } from "./models/news.js"
import { Pending } from "./pending.js"
import { clockOffset } from "../lib/time.js"
import { Preview } from "./preview.js"
import { newsText } from "./words/states.js"

const TOAST_MS = 10_000
/** After an answer the same button rests this long: the second half of a double click is no wish. */
const REST_MS = 500

export const UNTOUCHED = Object.freeze({
  scan: {}, print: {}, note: "", outcomes: {}, put: {}, transfer: { to: "queue", reason: "" },
})

/** One clerk's desk: `state` is read by the views, changed by `update()`, heard by `watch()`. */
export class Desk {
  state = {
    server: null, offset: 0, progress: {}, toasts: [], busy: {}, pending: {}, choices: UNTOUCHED,
    dialog: null, news: "", isLinkLost: false, isSignedOut: false, join: null, owns: true,
    isMuted: false, seen: [],
  }

  preview = new Preview(() => this.update({}))
  #watchers = new Set()
  #pending = new Pending((pending) => this.update({ pending }))
  #intents = new Intents(newIntent)
  #watch = new LinkWatch((isLinkLost) => this.update({ isLinkLost }))

  constructor() {
    this.link = new Link({
      ask: () => api.get("/api/desk"),
      take: (server) => this.#take(server),
      fail: (error) => this.#failed(error),
      onLink: (isConnected) => this.#watch.socket(isConnected),
      changed: ["state:changed", "queue:changed"],
    })
    this.link.on("job:progress", (told) => this.#progressed(told))
    this.link.on("job:preview", (strip) => this.preview.take(strip))
  }

  start() {
    this.link.start()
  }

  stop() {
    this.link.stop()
    this.#watch.stop()
    this.#pending.stop()
  }

  /** Hear of every change; answers the function that ends it. */
  watch(watcher) {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  update(fields) {
    this.state = { ...this.state, ...fields }
    this.#watchers.forEach((watcher) => watcher(this.state))
  }

  /** Remember what was chosen for the next `kind` of thing. */
  choose(kind, fields) {
    const { choices } = this.state
    const chosen = typeof fields === "string" ? fields : { ...choices[kind], ...fields }
    this.update({ choices: { ...choices, [kind]: chosen } })
  }

  /** The bridge's time now, in milliseconds. */
  get now() {
    return Date.now() + this.state.offset
  }

  /**
   * Send one wish; while one called `name` is under way or just answered, another is not sent.
   * True when the bridge did it; otherwise a toast says why not.
   */
  async send(name, method, path, body = undefined) {
    return (await this.#attempt(name, method, path, body)).end === "done"
  }

  /** As a POST of `send`, for what is told to this press alone: the answer, or null. */
  async ask(name, path) {
    return (await this.#attempt(name, "POST", path, {})).answer ?? null
  }

  /** `end`: "done", with the `answer`; "refused", "unknown" when none came, "resting" when nothing was sent. */
  async #attempt(name, method, path, body) {
    if (this.state.busy[name]) return { end: "resting" }
    this.#busy(name, true)
    try {
      const answer = await request(method, path, { body })
      this.#forgive(name)
      if (answer?.clerk) this.link.put(answer)
      else await this.link.refresh()
      return { end: "done", answer }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.toast(failureText(error), "danger", name)
      this.#failed(error)
      this.link.refresh() // another state than the one on the screen may be why
      return { end: error.isTransient ? "unknown" : "refused" }
    } finally {
      setTimeout(() => this.#busy(name, false), REST_MS)
    }
  }

  /** Send an order to a device: once, however often it is pressed and whatever the line does. */
  async order(name, path, body) {
    const { name: intent, key } = this.#intents.keyFor(path, body)
    const { end } = await this.#attempt(name, "POST", path, { ...body, idempotency_key: key })
    // Without an answer it may have arrived all the same: the next press has to be the same order.
    if (end === "done" || end === "refused") this.#intents.settle(intent)
    return end === "done"
  }

  /** Do something after a moment in which it can be taken back; see `keep`. */
  later(name, ms, act) {
    this.#pending.later(name, ms, act)
  }

  /** Take back what `later` was about to do. */
  keep(name) {
    this.#pending.keep(name)
  }

  /** Do at once what `later` holds back; false when it was not done, and a toast says why. */
  hasten(prefix) {
    return this.#pending.hasten(prefix)
  }

  /** Say something for a while; `of` is the wish that failed, whose success takes it away. */
  toast(text, look = "danger", of = null) {
    const toast = { id: newIntent(), text, look, of }
    const others = this.state.toasts.filter((other) => other.text !== text)
    this.update({ toasts: [...others, toast].slice(-3) })
    setTimeout(() => this.dismiss(toast.id), TOAST_MS)
  }

  dismiss(id) {
    this.update({ toasts: this.state.toasts.filter((toast) => toast.id !== id) })
  }

  #take(server) {
    const before = this.state.server
    this.#watch.answered()
    this.preview.follow(server.visit)
    const fields = { server, offset: clockOffset(server.now, Date.now()), isSignedOut: false }
    if (before?.visit?.id !== server.visit?.id) {
      Object.assign(fields, { choices: UNTOUCHED, progress: {}, dialog: null, seen: [] })
      this.#pending.keepAll()
    }
    const news = newsOf(before, server).map(newsText).join(" ")
    this.update({ ...fields, ...(news ? { news } : {}) })
  }

  #forgive(name) {
    const toasts = this.state.toasts.filter(({ of }) => of !== name)
    if (toasts.length < this.state.toasts.length) this.update({ toasts })
  }

  #failed(error) {
    if (error.status === 401) {
      this.#watch.answered()
      this.update({ isSignedOut: true })
    } else if (error.isTransient) {
      this.#watch.unanswered()
    }
  }

  #progressed({ job, page, fraction }) {
    this.update({ progress: { ...this.state.progress, [job]: { page, fraction } } })
  }

  #busy(name, isBusy) {
    this.update({ busy: { ...this.state.busy, [name]: isBusy } })
  }
}
