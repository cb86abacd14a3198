// Speaks as Jitsi's meeting page speaks to the page around it: JSON strings, a handshake every 50 ms,
// then events, commands and requests. Test hooks: received, click(), join(), leave(), fatal(), tell().
const hash = new URLSearchParams(location.hash.slice(1))
const scope = `jitsi_meet_external_api_${Number(hash.get("jitsi_meet_external_api_id"))}`
const ownId = `${Date.now()}-${Math.random()}`
const waiting = []
let isReady = false

window.received = []
window.isSilent = location.pathname.includes("silent")
window.muted = { audio: false, video: false }

function post(method, params) {
  window.parent.postMessage(JSON.stringify({ postis: true, scope, method, params }), "*")
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

function obey({ name, data }) {
  window.received.push({ name, data })
  if (name === "toggle-audio") window.muted.audio = !window.muted.audio
  if (name === "toggle-video") window.muted.video = !window.muted.video
  if (name === "video-hangup") {
    window.tell("video-conference-left", { roomName: "room-1" })
    window.tell("video-ready-to-close")
  }
}

function answer({ id, data }) {
  window.received.push({ request: data.name })
  const devices = { videoInput: [{ deviceId: "document", label: "Document camera" }], audioInput: [], audioOutput: [] }
  const results = {
    "is-audio-muted": window.muted.audio,
    "is-video-muted": window.muted.video,
    "getAvailableDevices": devices,
  }
  send({ type: "response", id, result: results[data.name] ?? true })
}

window.tell = (name, payload = {}) => send({ type: "event", data: { name, ...payload } })
window.click = (key) => window.tell("toolbar-button-clicked", { key, preventExecution: false })
window.join = (id, name) => window.tell("participant-joined", { id, displayName: name, formattedDisplayName: name })
window.leave = (id) => window.tell("participant-left", { id })
window.fatal = () => window.tell("error-occurred", {
  error: { name: "connection.droppedError", message: "system-shutdown", isFatal: true, type: "CONNECTION" },
})

window.tell("browser-support", { supported: true })
window.tell("ready")
if (!window.isSilent) {
  window.tell("video-conference-joined", {
    roomName: "room-1", id: "3d312af7", displayName: "clerk", formattedDisplayName: "clerk (me)",
    avatarURL: "", breakoutRoom: false, email: "", visitor: false,
  })
}
