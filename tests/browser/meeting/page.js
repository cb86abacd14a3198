// A page with nothing but a meeting, for the tests: joins at once, keeps every event that it hears.
import "/static/js/meeting/meeting.js"
import { Link } from "/static/js/lib/socket.js"

const EVENTS = ["joined", "left", "state", "button", "action", "camera", "error", "needs-join"]
const side = new URLSearchParams(location.search).get("side")
const provider = new URLSearchParams(location.search).get("provider") ?? "direct"

const names = side === "clerk" ? { name: "Empar", peer_name: "" } : { name: "Counter 1", peer_name: "Empar" }
const meeting = document.createElement("oac-meeting")
const heard = []
for (const event of EVENTS) {
  meeting.addEventListener(`meeting-${event}`, ({ detail }) => heard.push([event, detail]))
}
meeting.style.blockSize = "100vh"
document.querySelector("main").append(meeting)

window.heard = heard
window.meeting = meeting
window.directJoin = {
  provider: "direct", visit: "visit-1", side, ...names, ice_servers: [], document_camera: "fake_device_2",
}
window.jitsiJoin = (jwt, fields = {}) => ({
  provider: "jitsi", visit: "visit-1", side, ...names, domain: "meet.test", room: "room-1", jwt,
  language: "ca", expires_at: "2030-01-01T00:00:00Z", valid_s: 7200, person: `${side}-visit-1`,
  script: "https://meet.test/external_api.js", ...fields,
})
/** Answer every wish for a way in with the next token, as desk and kiosk do. */
window.keepJoining = () => {
  let tokens = 0
  const next = () => (meeting.join = window.jitsiJoin(`token-${(tokens += 1)}`))
  meeting.addEventListener("meeting-needs-join", next)
  next()
}
if (side === "clerk") {
  meeting.buttons = [
    { id: "scan", text: "Scan", icon: "scan" },
    { id: "print", text: "Print", icon: "print" },
    { id: "ask-help", text: "Ask for help", icon: "ask-help" },
    { id: "end", text: "End" },
  ]
}
if (provider === "direct") {
  const link = new Link({ ask: async () => ({}), take: () => {} })
  link.start()
  meeting.socket = link
  meeting.join = window.directJoin
}
