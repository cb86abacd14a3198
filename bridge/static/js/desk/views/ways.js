// What the desk says of the way to meet, and where the clerk chooses another one.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { otherWays, troubleOf, whyMove } from "../models/ways.js"
import { guestText, troubleText, wayText, whyMoveText, words } from "../words/ways.js"
import { button } from "./parts.js"

const SIGNS = { jitsi: "again", direct: "again", phone: "phone" }

/** Over the whole desk, before anybody is called. */
export function trouble({ server }) {
  const reason = troubleOf(server.meeting)
  if (!reason) return nothing
  const look = server.meeting.is_ready ? "" : "notice-danger"
  return html`<p class="notice meeting-trouble ${look}" role="status" data-oac="meeting-trouble" data-reason=${reason}>${troubleText(reason)}</p>`
}

/** In the panel: the other ways outright when this one fails, in a menu otherwise. */
export function ways(state, acts) {
  const { visit } = state.server
  const why = whyMove(state.server)
  const others = otherWays(state.server)
  return html`
    ${(visit.others ?? []).map((guest) => html`<p class="notice panel-notice" role="status">${guestText(guest)}</p>`)}
    ${visit.provider === "phone" && others.length ? telephone(state, acts) : nothing}
    ${why && others.length ? html`<div class="notice notice-danger ways" role="alert" data-oac="ways" data-why=${why}>
      <p>${whyMoveText(why)}</p>${choices(others, state, acts)}</div>` : nothing}`
}

/** Seldom needed, and out of the way: below everything else. */
export function moreWays(state, acts) {
  const others = otherWays(state.server)
  const mayInvite = state.server.visit.provider === "jitsi" && state.server.visit.is_met
  const isOutright = whyMove(state.server) !== null
  if (!others.length || (isOutright && !mayInvite)) return nothing
  return html`<details class="panel-part ways-menu" data-oac="ways-menu" @toggle=${inSight}>
    <summary>${words.otherWays}</summary>
    ${isOutright ? nothing : choices(others, state, acts)}
    ${mayInvite ? button({ handle: `invite-interpreter`, label: words.invite, sign: "send", isBusy: state.busy.invite, act: acts.invite }) : nothing}
  </details>`
}

/** What opens at the foot of the panel is not left below its edge. */
function inSight({ target }) {
  if (target.open) target.scrollIntoView({ block: "end" })
}

/** The link, once: it is nowhere else. */
export function invitation(state, acts, closeLabel) {
  const { url } = state.dialog
  return html`<dialog class="desk-dialog" data-oac="invitation" aria-label=${words.link} @close=${acts.closeDialog}>
    <form class="dialog-form" @submit=${(event) => event.preventDefault()}>
      <h2>${words.link}</h2><p>${words.inviteHow}</p>
      <label class="field"><span>${words.link}</span>
        <input type="text" readonly .value=${url} @focus=${(event) => event.target.select()} data-oac="invitation-link" /></label>
      <div class="dialog-acts">${button({ label: closeLabel, act: acts.closeDialog, handle: `invitation-close` })}</div>
    </form></dialog>`
}

/** What stands where the picture would be. */
export function byTelephone({ server }) {
  const { phone } = server.visit
  return html`<div class="centre-message" data-oac="by-telephone">
    <h1>${words.phoneTitle}</h1>
    ${phone ? html`<p class="centre-number">${phone}</p>` : nothing}
    <p>${words.phoneHow}</p>
  </div>`
}

function telephone({ server, busy }, acts) {
  const { visit } = server
  const isTalking = visit.citizen_joined && visit.clerk_joined
  return html`<div class="notice ways" data-oac="telephone" data-talking=${isTalking}>
    <p>${visit.phone ? words.phoneNumber(visit.phone) : words.phoneTitle}</p>
    <div class="ways-choices">${isTalking
      ? button({ handle: `phone-dead`, label: words.notTalking, sign: "end", isBusy: busy.presence, act: () => acts.talk(false) })
      : button({ handle: `phone-talking`, label: words.talking, sign: "tick", look: "button-primary", isBusy: busy.presence, act: () => acts.talk(true) })}
    </div></div>`
}

function choices(others, { busy }, acts) {
  return html`<div class="ways-choices">${others.map((way) => button({
    handle: `meet-${way}`, label: wayText(way), sign: SIGNS[way], isBusy: busy.way, act: () => acts.meetBy(way),
  }))}</div>`
}
