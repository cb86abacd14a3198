// What the panel needs besides the visit when no desk is around it: who one is, whom to call.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { language } from "../../lib/gettext.js"
import { isAtLeisure, stageOf } from "../models/queue.js"
import { words } from "../words/desk.js"
import { clerkText } from "../words/states.js"
import { clerkStates } from "./bar.js"
import { icon } from "./icons.js"
import { tag } from "./parts.js"
import { calling, queue } from "./queue.js"

/** The line at the top: back to the desk, and what one is doing. */
export function strip(state, acts) {
  const { clerk } = state.server
  return html`<header class="alone-strip">
    <a class="button button-quiet" href=${`/desk?language=${language()}`} target="_top" data-oac="to-desk">${icon("left")}<span class="label">${words.toDesk}</span></a>
    ${isAtLeisure(clerk)
      ? html`<div class="desk-states" role="group" aria-label=${words.myState}>${clerkStates(state, acts)}</div>`
      : tag(clerkText(clerk.state), "notice")}
  </header>`
}

/** Between two visits: the whole queue. While one is called: calling again, and did not come. */
export function callingPart(state, acts, now) {
  if (!state.server.visit) return queue(state, acts, now)
  return stageOf(state.server) === "called" ? html`<div class="alone-calling">${calling(state, acts)}</div>` : nothing
}

/** A meeting between the two browsers alone needs the desk, which has a place for its picture. */
export function elsewhere({ server }) {
  const isElsewhere = stageOf(server) === "meeting" && server.visit.provider === "direct"
  return isElsewhere ? html`<p class="notice panel-notice" role="status">${words.meetingElsewhere}</p>` : nothing
}
