// Parts that several views of the desk share.
// @ts-check
import { html, nothing } from "../../lib/element.js"
import { words } from "../words/panel.js"
import { whyText } from "../words/reasons.js"
import { icon } from "./icons.js"

/**
 * A button: `handle` is its data-oac, written in backticks where it is drawn so that it is found, `sign` an icon, `keys` its shortcut, `why` the key of the
 * reason for which it cannot be pressed now. Such a button keeps the focus and says its reason; `saidBy` is
 * the id of what says it in sight.
 */
export function button({ handle, label, act, look = "", sign, keys, why, isBusy, isPressed, hint, isBare, saidBy }) {
  const reason = why ? whyText(why) : isBusy ? whyText("busy") : ""
  const title = [reason || hint || (isBare ? label : ""), keys].filter(Boolean).join(" · ")
  return html`<button type="button" class="button ${look}" data-oac=${handle ?? nothing}
    aria-disabled=${reason ? "true" : nothing} aria-keyshortcuts=${keys ?? nothing}
    aria-describedby=${saidBy ?? nothing} aria-pressed=${isPressed === undefined ? nothing : String(isPressed)}
    title=${title || nothing} @click=${reason ? null : act}>
    ${sign ? icon(sign) : nothing}<span class=${isBare ? "only-heard" : "label"}>${label}</span>
    ${keys && !isBare ? html`<kbd aria-hidden="true">${keys}</kbd>` : nothing}
  </button>`
}

/** Back and on among pages, `act(step)`; at either end the button stays, so that it keeps the focus. */
export function turning({ at, last, act }) {
  if (last < 2) return nothing
  return html`
    ${button({ handle: `page-previous`, label: words.previous, sign: "left", isBare: true,
      why: at > 1 ? null : "first-page", act: () => act(-1) })}
    ${button({ handle: `page-next`, label: words.next, sign: "right", isBare: true,
      why: at < last ? null : "last-page", act: () => act(1) })}`
}

/** A choice among `options` ([value, text]) under a small label. */
export function choice({ label, value, options, act, handle }) {
  const chosen = String(value)
  return html`<label class="field choice"><span>${label}</span>
    <select data-oac=${handle ?? nothing} .value=${chosen} @change=${(event) => act(event.target.value)}>
      ${options.map(([key, text]) => html`<option value=${key} ?selected=${String(key) === chosen}>${text}</option>`)}
    </select></label>`
}

/** Which device: asked only where there are several. */
export function deviceChoice(label, list, device, set) {
  if (list.length < 2) return nothing
  return choice({ label, value: device.id, options: list.map((one) => [one.id, one.name]), act: (id) => set({ device: id }) })
}

/** Something to tick, with its label beside it. */
export function tick(label, isTicked, { handle, act }) {
  return html`<label class="field tick"><input type="checkbox" data-oac=${handle} .checked=${isTicked}
    @change=${(event) => act(event.target.checked)}><span>${label}</span></label>`
}

/** A short word about a state; `look` is good, notice, danger or nothing. */
export function tag(text, look = "") {
  return html`<span class="tag ${look ? `tag-${look}` : ""}">${text}</span>`
}

/** What went wrong lately, for a dialog: what lies behind one can be neither reached nor heard. */
export function troubles({ toasts }) {
  return toasts.map(({ text }) => html`<p class="notice notice-danger" role="alert">${text}</p>`)
}

/** What went wrong lately, and the news said aloud. */
export function messages({ toasts, news, isLinkLost }, { dismiss, words }) {
  return html`
    ${isLinkLost ? html`<p class="notice link-lost" role="alert" data-oac="link-lost">${words.linkLost}</p>` : nothing}
    <p class="only-heard" role="status" aria-live="polite" data-oac="news">${news}</p>
    <div class="toasts">${toasts.map((toast) => html`
      <p class="notice ${toast.look === "danger" ? "notice-danger" : ""}" role="alert" data-oac="toast">
        <span>${toast.text}</span>
        ${button({ label: words.dismiss, look: "button-quiet", sign: "end", isBare: true, act: () => dismiss(toast.id) })}
      </p>`)}</div>`
}
