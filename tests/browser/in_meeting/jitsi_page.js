// Stands in for Jitsi's own page as code inside it finds it: APP.store, APP.API, APP.conference, #react, a
// tool bar drawn from the configuration, the token in the state and gone from the address.
// What a client does differently is named in the script's data-client: older, newer, or a broken one.
(() => {
  const { client } = document.currentScript.dataset
  const isEmbedded = window.parent !== window
  const first = new URLSearchParams(location.hash.slice(1))
  const scope = `jitsi_meet_external_api_${Number(first.get("jitsi_meet_external_api_id"))}`
  const listeners = new Set()
  const ownId = `${Date.now()}-${Math.random()}`
  const WHITELIST = ["mainToolbarButtons", "toolbarButtons", "toolbarConfig", "buttonsWithNotifyClick"]
  let state = {}

  window.left = 0
  window.dispatched = []

  const store = {
    getState: () => state,
    subscribe: (listener) => listeners.add(listener),
    dispatch: (action) => {
      window.dispatched.push(action.type)
      if (action.type === "OVERWRITE_CONFIG" && client !== "deaf") {
        state = { ...state, "features/base/config": { ...state["features/base/config"], ...action.config } }
      }
      draw()
      listeners.forEach((listener) => listener())
    },
  }

  const API = {
    notifyToolbarButtonClicked(key, preventExecution) {
      post("message", { type: "event", data: { name: "toolbar-button-clicked", key, preventExecution } })
    },
  }

  window.muted = { audio: false, video: false }
  const conference = {
    isLocalAudioMuted: () => window.muted.audio,
    isLocalVideoMuted: () => window.muted.video,
    toggleAudioMuted: () => { window.muted.audio = !window.muted.audio },
    toggleVideoMuted: () => { window.muted.video = !window.muted.video },
  }

  function tokenHere() {
    try {
      return JSON.parse(new URLSearchParams(location.hash.slice(1)).get("jwt"))
    } catch {
      return null
    }
  }

  function allowed(wished) {
    const keys = client === "newer" ? [...WHITELIST, "customToolbarButtons"] : WHITELIST
    return Object.fromEntries(Object.entries(wished).filter(([key]) => keys.includes(key)))
  }

  function fromHash() {
    const pairs = [...first].filter(([key]) => key.startsWith("config."))
    return allowed(Object.fromEntries(pairs.map(([key, value]) => [key.slice(7), JSON.parse(value)])))
  }

  function start() {
    const jwt = tokenHere() ?? new URLSearchParams(location.search).get("jwt")
    if (!jwt) {
      document.getElementById("react").innerHTML = "<p id='password'>User and password</p>"
    }
    state = {
      "features/base/config": { ...window.config, ...(isEmbedded ? fromHash() : {}) },
      "features/base/jwt": { jwt },
      "features/base/conference": { room: location.pathname.slice(1), conference: { isJoined: () => Boolean(jwt) } },
    }
    window.APP = { API, conference, UI: {} }
    if (client === "broken-api") delete API.notifyToolbarButtonClicked
    if (client !== "broken-store") window.APP.store = store
    if (isEmbedded) greet()
    else history.replaceState(null, "", location.pathname)
    draw()
    fit()
  }

  function draw() {
    const { customToolbarButtons: own = [], mainToolbarButtons: lists = [], toolbarButtons = [] } = state["features/base/config"]
    if (!state["features/base/jwt"].jwt) return
    const order = lists.find(({ length }) => length === 8) ?? []
    const there = [...toolbarButtons.filter((key) => key !== "hangup"), ...own.map(({ id }) => id)]
    const keys = [...order.filter((key) => there.includes(key)), ...there.filter((key) => !order.includes(key)), "hangup-menu"]
    const bar = document.createElement("div")
    bar.id = "new-toolbox"
    bar.append(...keys.map((key) => drawn(key, own.find(({ id }) => id === key))))
    document.getElementById("new-toolbox")?.remove()
    document.getElementById("react").append(bar)
  }

  function drawn(key, own) {
    const button = document.createElement("button")
    button.dataset.key = key
    button.textContent = own?.text ?? key
    button.addEventListener("click", () => clicked(key, own))
    return button
  }

  function clicked(key, own) {
    const { buttonsWithNotifyClick = [] } = state["features/base/config"]
    const prevents = buttonsWithNotifyClick.includes(key)
    if (own || prevents) APP.API.notifyToolbarButtonClicked(key, prevents)
    if (key === "hangup-menu" && !prevents) window.left += 1
  }

  function fit() {
    document.getElementById("react").dataset.width = String(window.innerWidth)
  }

  function post(method, params) {
    if (isEmbedded) window.parent.postMessage(JSON.stringify({ postis: true, scope, method, params }), "*")
  }

  function greet() {
    let isReady = false
    const greeting = setInterval(() => post("__ready__", ownId), 50)
    window.addEventListener("message", ({ data }) => {
      const message = typeof data === "string" ? JSON.parse(data) : {}
      if (!message.postis || message.scope !== scope) return
      if (message.method === "__ready__" && message.params !== ownId) return post("__ready__", message.params)
      if (message.method === "__ready__" && !isReady) {
        isReady = true
        clearInterval(greeting)
        post("message", { type: "event", data: { name: "ready" } })
        post("message", { type: "event", data: { name: "video-conference-joined", roomName: location.pathname.slice(1), id: "3d312af7", displayName: "x", formattedDisplayName: "x (me)", avatarURL: "", breakoutRoom: false, visitor: false } })
      }
      if (message.params?.type === "request") post("message", { type: "response", id: message.params.id, result: false })
      const { name, data: given = [] } = message.params?.data ?? {}
      if (name === "overwrite-config") store.dispatch({ type: "OVERWRITE_CONFIG", config: allowed(given[0]) })
    })
  }

  window.addEventListener("resize", () => state["features/base/config"] && fit())
  // Jitsi reads the address when the document is there, and is up some moments later.
  document.addEventListener("DOMContentLoaded", () => setTimeout(start, 200))
})()
