// Speaks as Jitsi's meeting page speaks to the page around it: JSON strings, a handshake every 50 ms,
// then events, commands and requests. It heeds no configuration but what it is asked for, joins by
// itself, and does wrong what its `behaviour` says. Hooks: received, state, click(), join(), leave(),
// error(), fatal(), kick(), destroy(), remoteMute(), answerNotice(), tell(), silence().
const hash = new URLSearchParams(location.hash.slice(1))
const scope = `jitsi_meet_external_api_${Number(hash.get("jitsi_meet_external_api_id"))}`
const ownId = `${Date.now()}-${Math.random()}`
const waiting = []
let isReady = false
let isSilent = false

const behaviour = {
  joins: true, join_ms: 0, error: null, muted: false, others: [], picture: "moves", stats: true, broken: [],
  devices: [{ deviceId: "face", label: "HD Webcam" }, { deviceId: "paper", label: "Document Camera" }],
  ...JSON.parse(document.querySelector("#behaviour").textContent),
}

window.received = []
window.state = {
  muted: { audio: behaviour.muted, video: behaviour.muted },
  config: configOf(hash), notices: {}, camera: behaviour.devices[0] ?? null, sent: null, quality: null, peers: [],
}

function configOf(pairs) {
  const found = {}
  for (const [key, value] of pairs) if (key.startsWith("config.")) found[key.slice(7)] = JSON.parse(value)
  return found
}

function post(method, params) {
  if (!isSilent) (window.opener ?? window.parent).postMessage(JSON.stringify({ postis: true, scope, method, params }), "*")
}

function send(params) {
  if (isReady) post("message", params)
  else waiting.push(params)
}

const greeting = setInterval(() => post("__ready__", ownId), 50)

window.addEventListener("message", ({ data }) => {
  const message = JSON.parse(data)
  if (!message.postis || message.scope !== scope) return
  if (message.method === "__ready__") greet(message.params)
  else if (message.params.type === "event") obey(message.params.data)
  else if (message.params.type === "request") answer(message.params)
})

function greet(id) {
  if (id !== ownId) return post("__ready__", id)
  if (isReady) return
  isReady = true
  clearInterval(greeting)
  waiting.splice(0).forEach((params) => post("message", params))
}

const COMMANDS = {
  "toggle-audio": () => mute("audio", !window.state.muted.audio),
  "toggle-video": () => mute("video", !window.state.muted.video),
  "overwrite-config": (config) => Object.assign(window.state.config, config),
  "set-video-quality": (height) => (window.state.quality = height),
  "show-notification": (notice) => (window.state.notices[notice.uid] = notice),
  "hide-notification": (uid) => delete window.state.notices[uid],
  "kick-participant": (id) => window.leave(id),
  "video-hangup": () => {
    console.info("hung up") // heard even when the frame goes right after it
    window.tell("video-conference-left", { roomName: roomName() })
    window.tell("video-ready-to-close")
  },
}

/** An unknown command says so in the console and does nothing; none is answered. */
function obey({ name, data }) {
  window.received.push({ name, data })
  COMMANDS[name]?.(...data)
}

const REQUESTS = {
  "is-audio-muted": () => window.state.muted.audio,
  "is-video-muted": () => window.state.muted.video,
  "getAvailableDevices": () => ({ videoInput: behaviour.devices, audioInput: [], audioOutput: [] }),
  "getCurrentDevices": () => ({ videoInput: window.state.camera ?? undefined }),
  "setDevice": ({ device }) => setDevice(device),
  "connection-stats": () => stats(),
  "capture-largevideo-screenshot": () => screenshot(),
}

/** What it does not know, an older page, is never answered. */
function answer({ id, data }) {
  window.received.push({ request: data.name, ...data })
  const isKnown = data.name in REQUESTS && !(data.name === "connection-stats" && !behaviour.stats)
  if (isKnown) send({ type: "response", id, result: REQUESTS[data.name](data) })
}

/** The track is made anew, as large as the configuration says by then. */
function setDevice({ label, id }) {
  const found = behaviour.devices.find((one) => (label ? one.label === label : one.deviceId === id))
  if (!found || behaviour.broken.includes(found.deviceId)) return { error: {} } // an Error becomes {}
  window.state.camera = found
  window.state.sent = window.state.config.resolution
  return true
}

function stats() {
  const rate = { moves: 30, black: 0 }[window.state.picture ?? behaviour.picture]
  const framerate = Object.fromEntries(window.state.peers.map((id) => [id, { 1: rate }]))
  return { bitrate: { download: 0 }, packetLoss: { total: 0 }, ...(rate === undefined ? {} : { framerate }) }
}

function screenshot() {
  const picture = window.state.picture ?? behaviour.picture
  if (picture === "none") return { error: {} }
  const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 18 })
  const pen = canvas.getContext("2d")
  pen.fillStyle = picture === "black" ? "#000" : "#c8c"
  pen.fillRect(0, 0, 32, 18)
  return { dataURL: canvas.toDataURL() }
}

function mute(kind, isMuted) {
  window.state.muted[kind] = isMuted
  window.tell(`${kind}-mute-status-changed`, { muted: isMuted })
}

function roomName() {
  return location.pathname.slice(1)
}

window.tell = (name, payload = {}) => send({ type: "event", data: { name, ...payload } })
window.click = (key) => window.tell("toolbar-button-clicked", { key, preventExecution: false })
window.join = (id, name = "", person = null) => {
  window.state.peers.push(id)
  const userContext = person ? { userContext: { id: person } } : {}
  window.tell("participant-joined", { id, displayName: name, formattedDisplayName: name, ...userContext })
}
window.leave = (id) => {
  window.state.peers = window.state.peers.filter((one) => one !== id)
  window.tell("participant-left", { id })
}
window.remoteMute = (id, mediaType, isMuted) => window.tell("participant-muted", { id, isMuted, mediaType })
window.error = (name, more = {}) => window.tell("error-occurred", {
  error: { name, message: "", isFatal: false, type: name.startsWith("connection") ? "CONNECTION" : "CONFERENCE", ...more },
})
window.fatal = () => window.error("connection.droppedError", { message: "system-shutdown", isFatal: true })
window.kick = () => {
  const who = { kicked: { id: "local", local: true, name: "" }, kicker: { id: "00000000", name: "" } }
  window.tell("participant-kicked-out", who)
  window.tell("video-conference-left", { roomName: roomName() })
}
window.destroy = () => window.error("conference.destroyed", { params: ["The meeting has been terminated", null] })
window.answerNotice = (uid, label) => {
  const { uuid } = window.state.notices[uid].customActions.find((one) => one.label === label)
  window.tell("custom-notification-action-triggered", { data: { id: uuid } })
}
/** As a page that hangs, or another one in its place: nothing is said any more. */
window.silence = () => (isSilent = true)

function enter() {
  if (behaviour.error) return window.error(behaviour.error.name, behaviour.error)
  if (!behaviour.joins) return undefined
  window.tell("video-conference-joined", {
    roomName: roomName(), id: "3d312af7", displayName: "me", formattedDisplayName: "me (me)",
    avatarURL: "", breakoutRoom: false, email: "", visitor: false,
  })
  return behaviour.others.forEach((one) => window.join(...one))
}

window.tell("browser-support", { supported: true })
window.tell("ready")
window.tell("audio-mute-status-changed", { muted: behaviour.muted })
window.tell("tile-view-changed", { enabled: false })
if (behaviour.join_ms) setTimeout(enter, behaviour.join_ms)
else enter()
