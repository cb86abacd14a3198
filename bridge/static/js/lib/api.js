// Requests to the bridge: JSON in, JSON out, every failure one `ApiError` with a stable key.
// @ts-check
import { language } from "./gettext.js"

const TIMEOUT_MS = 15_000
/** A file takes its time, and is looked into before the answer comes. */
const FILE_TIMEOUT_MS = 90_000
/** Refused now, and perhaps not later: one who is not known yet, who is too slow, or too often. */
const LATER = Object.freeze([401, 408, 429])

/**
 * What went wrong, in words fit for the screen (`title`), with a stable `key`.
 * Our own keys, when the bridge did not answer: `unreachable`, `timed-out`, `not-understood`.
 */
export class ApiError extends Error {
  constructor({ key, title = "", status = 0, facts = {} }) {
    super(title || key)
    this.name = "ApiError"
    this.key = key
    this.title = title
    this.status = status
    this.facts = facts
  }

  /** True when the bridge itself could not be reached or was ill: worth trying again. */
  get isTransient() {
    return this.status === 0 || this.status >= 502
  }

  /** True when the bridge said no, and will say so again to the same. */
  get isRefusal() {
    return this.status >= 400 && this.status < 500 && !LATER.includes(this.status)
  }
}

/** `api.get(path)`, `api.post(path, body)`, `put`, `patch`, `remove`: the answer's JSON; a Blob is sent as it is. */
export const api = Object.freeze({
  get: (path, options) => request("GET", path, options),
  post: (path, body = {}, options = {}) => request("POST", path, { ...options, body }),
  put: (path, body = {}, options = {}) => request("PUT", path, { ...options, body }),
  patch: (path, body = {}, options = {}) => request("PATCH", path, { ...options, body }),
  remove: (path, options) => request("DELETE", path, options),
})

/** A new idempotency key: one for each intent of a person, the same for its repetitions. */
export function newIntent() {
  // randomUUID wants a secure context, which a trial over plain HTTP in the hall is not.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** Send one request; `status` 202 and 204 without a body answer `null` or what came. */
export async function request(method, path, { body, timeoutMs = TIMEOUT_MS } = {}) {
  const response = await send(method, path, { body, timeoutMs })
  const answer = await readJson(response)
  if (response.ok) return answer
  throw new ApiError({
    key: answer?.key ?? `http-${response.status}`,
    title: answer?.title ?? "",
    status: response.status,
    facts: answer?.facts ?? {},
  })
}

async function send(method, path, { body, timeoutMs }) {
  const headers = { Accept: "application/json", "Accept-Language": language() }
  const isFile = body instanceof Blob
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type || "application/octet-stream" : "application/json"
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined || isFile ? body : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(isFile ? FILE_TIMEOUT_MS : timeoutMs),
    })
  } catch (error) {
    throw new ApiError({ key: error?.name === "TimeoutError" ? "timed-out" : "unreachable" })
  }
}

async function readJson(response) {
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) {
    if (!response.ok || response.status === 204) return null
    throw new ApiError({ key: "not-understood", status: response.status })
  }
  try {
    return await response.json()
  } catch {
    throw new ApiError({ key: "not-understood", status: response.status })
  }
}
