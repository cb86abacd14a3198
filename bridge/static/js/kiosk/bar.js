// The bar at the foot of every screen: help always, in a visit also writing and "stop everything".
// @ts-check
import { html, nothing } from "../lib/element.js"
import { pageOf } from "./screen.js"
import { inside, plainButton } from "./screens/parts.js"
import { helpText } from "./sentences.js"
import { threefold } from "./threefold.js"
import { words } from "./words.js"

const BEFORE_PAIRING = new Set(["pairing", "starting"])
const IN_EVERY_LANGUAGE = new Set(["language", "preparing", "unavailable", "closed"])
const WITH_ROOM = new Set([...IN_EVERY_LANGUAGE, "waiting", "called", "goodbye", "missed"])

export function bar(screen, state, acts) {
  if (BEFORE_PAIRING.has(screen)) return nothing
  return html`<footer class="bar" data-screen=${screen}>
    ${help(screen, state, acts)}
    ${WITH_ROOM.has(screen) ? place(state) : nothing}
    ${screen === "errands" ? errandActions(state, acts) : nothing}
    ${screen === "meeting" ? plainButton({
      label: state.isSaying ? words.closeWriting : words.write,
      act: acts.toggleSaying,
      sign: "write",
    }) : nothing}
    ${screen === "meeting" ? html`<button type="button" class="button button-danger"
      data-oac="stop-everything" ?disabled=${state.server.visit?.is_paused === true} @click=${acts.stop}>${inside("stop", words.stop)}</button>` : nothing}
  </footer>`
}

/** What is wrong between this screen and the town hall, whatever the meeting does. */
export function banners(screen, state) {
  const lost = IN_EVERY_LANGUAGE.has(screen) || BEFORE_PAIRING.has(screen) ? inAll("linkLost") : words.linkLost
  return html`
    ${state.isLinkLost ? html`<p class="banner banner-link" data-oac="link-lost" role="alert">${lost}</p>` : nothing}
    ${state.notice ? html`<p class="banner" data-oac="notice" role="alert">${state.notice}</p>` : nothing}`
}

/** The last seconds before choices vanish. */
export function countdown(state, acts) {
  if (state.secondsLeft === null) return nothing
  return html`<div class="countdown" data-oac="countdown" role="alertdialog" aria-labelledby="still-there">
    <h1 id="still-there">${words.stillThere}</h1>
    <p>${words.stillThereHow}</p>
    <p class="seconds" aria-hidden="true">${state.secondsLeft}</p>
    ${plainButton({ label: words.iAmHere, act: acts.touch, look: "button-primary" })}
  </div>`
}

/** Where this is; nobody needs it to be served, so that it may be small. */
function place({ server }) {
  return html`<p class="place"><strong>${server.office.name}</strong><span>${server.counter.name}</span></p>`
}

function help(screen, state, acts) {
  const open = state.server?.help ?? null
  // In a visit the strip above says what became of it, and the word stays where it was.
  const label = helpText(screen === "meeting" ? null : open)
  const isInAll = IN_EVERY_LANGUAGE.has(screen) && !open
  const look = open ? "button button-help is-called" : "button button-help"
  return html`<button type="button" class=${look} data-oac="ask-help"
    @click=${acts.help}>${inside(open ? "tick" : "help", isInAll ? inAll("help") : label)}</button>`
}

function inAll(name) {
  return threefold(name).map(({ lang, title }, index) =>
    html`${index ? " · " : nothing}<span lang=${lang}>${title}</span>`)
}

function errandActions(state, acts) {
  const { pages } = pageOf(state.server.procedures, state.page, state.pageSize)
  return html`
    ${plainButton({ label: words.back, act: acts.startAgain })}
    ${pages > 1 ? plainButton({ label: words.more, act: acts.turnPage }) : nothing}
    <button type="button" class="button button-primary" data-oac="take-ticket"
      ?disabled=${state.chosen.length === 0 || state.isBusy}
      @click=${acts.takeTicket}>${inside(null, words.takeTicket)}</button>`
}
