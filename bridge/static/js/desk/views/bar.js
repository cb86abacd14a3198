// The line at the top of the desk: the office, the clerk, what the clerk is doing, signing out.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { language } from "../../lib/gettext.js"
import { languageChoice } from "../../lib/language-choice.js"
import { isAtLeisure } from "../models/queue.js"
import { clerkText } from "../words/states.js"
import { words } from "../words/desk.js"
import { button, tag } from "./parts.js"

const CHOICES = [[`available`, "tick"], [`break`, "pause"], [`back-office`, "pencil"]]

/** `between` is where the same work goes on in Jitsi's own page, if that is so equipped. */
export function bar({ server, busy }, acts, between) {
  const { office, clerk } = server
  return html`<header class="desk-bar">
    <p class="desk-office"><strong>${office.name}</strong>
      ${office.is_open ? tag(words.open, "good") : tag(words.closed, "notice")}</p>
    <div class="desk-states" role="group" aria-label=${words.myState}>
      ${isAtLeisure(clerk) ? nothing : tag(clerkText(clerk.state), "notice")}
      ${clerkStates({ server, busy }, acts)}
    </div>
    ${between ? html`<a class="button button-quiet" href=${`${between}?lang=${language()}`} data-oac="to-jitsi">${words.toJitsi}</a>` : nothing}
    <p class="desk-clerk">${clerk.name}</p>
    ${languageChoice(words.language)}
    <form method="post" action="/sign-out">
      <button class="button button-quiet" data-oac="sign-out">${words.signOut}</button>
    </form>
  </header>`
}

/** What a clerk may be at leisure, each a button. */
export function clerkStates({ server, busy }, acts) {
  return CHOICES.map(([handle, sign]) => stateButton({ handle, sign, clerk: server.clerk, busy }, acts))
}

function stateButton({ handle, sign, clerk, busy }, acts) {
  const state = handle.replace("-", "_")
  return button({
    handle, sign, label: clerkText(state), look: "button-segment", isPressed: clerk.state === state,
    isBusy: busy.availability, why: isAtLeisure(clerk) ? null : "visit-open", act: () => acts.be(state),
  })
}

/** Beside a meeting the sign-in opens apart: the meeting goes on. */
export function signedOut(isBeside = false) {
  return html`<main class="desk-away" data-oac="signed-out">
    <h1>${words.signedOut}</h1><p>${words.signedOutHow}</p>
    <a class="button button-primary" href="/sign-in" target=${isBeside ? "_blank" : "_top"}>${words.signIn}</a>
  </main>`
}
