// How the meeting looks: pictures, names, the state in words, and the buttons in the meeting.
// @ts-check
import { html, nothing, svg } from "../lib/element.js"
import { signPath } from "./icons.js"
import { KINDS } from "./own-devices.js"
import { captionOf, missingTexts, pausedText, peerOffOf, roleOfPeer, troubleTexts, words } from "./words.js"

/** The whole of <oac-meeting>; `acts` has `press(id)`, `sound()`, `fit()`, `answer(notice, action)`. */
export function room(state, acts) {
  const { join, meeting, frame } = state
  const isDirect = join?.provider === "direct"
  // One template for every state: a frame that moves in the page begins anew, and may never hang up.
  return html`<div class="meeting-room" data-oac="meeting" data-state=${meeting}
      data-provider=${join?.provider ?? ""} role="region" aria-label=${words.meeting} ?hidden=${!join}>
    ${frame}
    ${isDirect ? pictures(state) : nothing}
    ${isDirect ? peer(state) : nothing}
    ${isDirect && join.side === "clerk" ? forClerk(state, acts) : nothing}
    ${caption(state)}
    ${state.isSilenced ? soundButton(acts) : nothing}
    ${isDirect ? notices(state, acts) : nothing}
    ${isDirect ? toolbar(state, acts) : nothing}
  </div>`
}

/** Their streams are put in by playback.js. */
function pictures({ join, camera, hasSelf, isPaused, isSilenced, isWhole }) {
  const fit = join.side === "clerk" && isWhole ? "whole" : "fill"
  return html`
    <video class="meeting-remote" data-fit=${fit} data-oac="remote-video" playsinline autoplay
      aria-label=${join.peer_name || roleOfPeer(join)} .muted=${isSilenced}></video>
    <video class="meeting-self" data-shows=${join.side === "citizen" ? camera : "person"} playsinline autoplay .muted=${true} aria-label=${words.ownPicture}
      ?hidden=${isPaused || !hasSelf}></video>`
}

/** Who the other one is, and a sign while he or she speaks (EN 301 549, 6.3 and 6.5.5). */
function peer({ join, isSpeaking }) {
  return html`<p class="meeting-peer">
    <span class="meeting-peer-name">${join.peer_name || roleOfPeer(join)}</span>
    ${join.peer_name ? html`<span class="meeting-peer-role">${roleOfPeer(join)}</span>` : nothing}
    <span class="meeting-voice" data-speaking=${isSpeaking ? "yes" : "no"} aria-hidden="true">
      <i></i><i></i><i></i><span>${words.speaks}</span>
    </span>
  </p>`
}

/** What arrives poorly, said once; and the whole picture, for a paper that is held up, or a larger one. */
function forClerk(state, acts) {
  const { troubles, isWhole } = state
  return html`${ownDevices(state, acts)}<div class="meeting-troubles" role="status" aria-live="polite" data-oac="meeting-troubles">
      ${troubleTexts(troubles).map((text) => html`<p>${text}</p>`)}</div>
    <button class="meeting-button meeting-fit" type="button" data-oac="meeting-fit" @click=${acts.fit}>
      ${isWhole ? words.fill : words.whole}</button>`
}

/** The two buttons; each says what a press does, and is pressed while its device is on. */
function ownDevices({ off }, { turn }) {
  return html`<div class="meeting-own" role="group" aria-label=${words.ownDevices}>
    ${KINDS.map((kind) => {
      const isOff = off.includes(kind)
      const label = words.turnOwn(kind, isOff)
      return html`<button class="meeting-button" type="button" data-oac="meeting-own-${kind}" title=${label}
        aria-label=${label} data-off=${isOff ? "yes" : "no"} @click=${() => turn(kind)}>
        ${icon(isOff ? `${kind}-off` : kind)}</button>`
    })}
  </div>`
}

function caption(state) {
  const missing = state.isPaused ? [pausedText(state.join)] : missingTexts(state.missing)
  const off = peerOffOf(state)
  return html`<div class="meeting-caption" role="status" aria-live="polite">
    ${[captionOf(state), ...missing].filter(Boolean).map((text) => html`<p>${text}</p>`)}
    ${off ? html`<p class="meeting-off" data-off=${off.kinds}>${off.kinds.split(" ").map((kind) => icon(`${kind}-off`))}
      <span>${off.text} <span class="meeting-off-more">${off.more}</span></span></p>` : nothing}
  </div>`
}

function soundButton(acts) {
  return html`<button class="button button-primary meeting-sound" type="button"
    @click=${acts.sound}>${words.soundOn}</button>`
}

function notices({ notices: shown }, acts) {
  return html`<div class="meeting-notices" aria-live="polite">
    ${shown.map((notice) => html`<div class="card meeting-notice">
      <p><strong>${notice.title}</strong> ${notice.text}</p>
      <div class="meeting-answers">
        ${(notice.actions ?? []).map((action) => html`<button class="button" type="button"
          @click=${() => acts.answer(notice, action)}>${action.text}</button>`)}
        <button class="button button-quiet" type="button" @click=${() => acts.answer(notice, null)}>
          ${words.dismiss}</button>
      </div>
    </div>`)}
  </div>`
}

function toolbar({ buttons }, acts) {
  if (!buttons.length) return nothing
  return html`<div class="meeting-toolbar" role="group" aria-label=${words.actions}>
    ${buttons.map((button) => html`<button class="meeting-button" type="button"
      data-oac=${button.id} data-place="meeting" data-state=${button.state ?? "idle"}
      ?disabled=${button.state === "off"} aria-busy=${button.state === "busy" ? "true" : "false"}
      title=${button.hint ?? nothing} @click=${() => acts.press(button.id)}>
      ${icon(button.icon ?? button.id)}<span>${button.text}</span>
    </button>`)}
  </div>`
}

function icon(name) {
  return svg`<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d=${signPath(name)} /></svg>`
}
