// The screens before a visit: pairing, language, errand, waiting.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { picture } from "../pictures.js"
import { pageOf } from "../screen.js"
import { positionText } from "../sentences.js"
import { threefold } from "../threefold.js"
import { words } from "../words.js"
import { message, plainButton } from "./parts.js"

export const starting = () => inAll("building", "starting")
export const preparing = () => inAll("building", "preparing")
export const unavailable = () => inAll("helper-coming", "unavailable")
export const closed = () => inAll("building", "closed")

export const pairing = ({ code }) =>
  inAll("digital", "pairing", html`<output class="code" data-oac="pairing-code">${code ?? "…"}</output>`)

/** One message in every language at once, for whoever comes by. */
function inAll(sign, name, extra = nothing) {
  return html`<section class="message" data-fit data-oac=${name} role="status">
    ${picture(sign)}
    <div class="message-words in-all">${threefold(name).map(({ lang, title, text }) => html`
      <div lang=${lang}><h1>${title}</h1>${text ? html`<p>${text}</p>` : nothing}</div>`)}
      ${extra}
    </div>
  </section>`
}

/** Three equal buttons, each in its own language: nobody has to read another one first. */
export function language(state, acts) {
  const inside = (greeting, name) => html`<small>${greeting}</small><strong>${name}</strong>`
  const choose = (key) => () => acts.chooseLanguage(key)
  return html`<section class="languages" data-fit>
    <button type="button" class="button language" data-oac="language-ca" lang="ca-valencia"
      @click=${choose("ca")}>${inside("Hola", "Valencià")}</button>
    <button type="button" class="button language" data-oac="language-es" lang="es"
      @click=${choose("es")}>${inside("Hola", "Castellano")}</button>
    <button type="button" class="button language" data-oac="language-en" lang="en"
      @click=${choose("en")}>${inside("Hello", "English")}</button>
  </section>`
}

export function errands(state, acts) {
  const { shown } = pageOf(state.server.procedures, state.page, state.pageSize)
  return html`<section class="errands" data-fit>
    <h1 tabindex="-1">${words.whatFor}</h1>
    <ul class="rows">${shown.map((procedure) => errand(procedure, state, acts))}</ul>
  </section>`
}

function errand(procedure, state, acts) {
  const isChosen = state.chosen.includes(procedure.key)
  return html`<li>
    <button type="button" class="button row" data-oac="procedure-${procedure.key}"
      aria-pressed=${isChosen ? "true" : "false"} @click=${() => acts.chooseErrand(procedure.key)}>
      ${picture(isChosen ? "tick" : procedure.icon)}
      <span class="row-words">
        <span class="row-title">${pick(procedure.title)}</span>
        <span class="row-summary">${pick(procedure.summary)}</span>
      </span>
    </button>
  </li>`
}

export function waiting(state, acts) {
  const { number, ahead } = state.server.ticket
  const { clerks } = state.server.office
  if (state.isLeaving) return leaving(acts)
  return html`<section class="waiting" data-fit data-personal>
    <div class="ticket">
      <p class="ticket-label">${words.yourNumber}</p>
      <p class="ticket-number" data-oac="ticket-number">${number}</p>
    </div>
    <div class="waiting-words">
      <h1 tabindex="-1" data-oac="position" role="status">${positionText(ahead, clerks)}</h1>
      <p>${clerks ? words.waitHere : words.waitForClerk}</p>
      ${plainButton({ label: words.leave, act: acts.askToLeave, look: "button-plain" })}
    </div>
  </section>`
}

/** Nobody came to the call; whoever is there after all is led to a person. */
export function missed(state, acts) {
  const isCalled = Boolean(state.server.help)
  return html`<section class="message" data-fit data-personal data-oac="missed" role="alert">
    <p class="ticket-number">${state.missed.number}</p>
    <div class="message-words">
      <h1 tabindex="-1">${words.missedTitle}</h1>
      <p>${isCalled ? words.missedCalled : words.missedHow}</p>
    </div>
    <div class="choices">
      ${isCalled ? nothing : plainButton({ label: words.iAmStillHere, act: acts.help, look: "button-primary" })}
      ${plainButton({ label: words.startAgain, act: acts.startAgain })}
    </div>
  </section>`
}

function leaving(acts) {
  return message({
    sign: "question",
    title: words.leaveSure,
    actions: html`${plainButton({ label: words.leaveNo, act: acts.stay, look: "button-primary" })}
      ${plainButton({ label: words.leaveYes, act: acts.leave })}`,
  })
}
