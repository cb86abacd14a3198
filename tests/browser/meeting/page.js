// A page with nothing but a meeting, for the tests: joins at once, keeps every event that it hears.
import "/static/js/meeting/meeting.js"
import { Link } from "/static/js/lib/socket.js"

const EVENTS = ["joined", "left", "state", "button", "action", "error", "needs-join"]
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
window.directJoin = { provider: "direct", visit: "visit-1", side, ...names, ice_servers: [] }
window.jitsiJoin = (jwt) => ({
  provider: "jitsi", visit: "visit-1", side, ...names, domain: "meet.test", room: "room-1", jwt,
  language: "ca", expires_at: "2030-01-01T00:00:00Z", script: "https://meet.test/external_api.js",
})
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
