// Cropping and straightening a page: the proposal over the page, changed by pointer or keyboard.
// @ts-check
import { html, nothing, svg } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { cornersOf, drawn, isIdle, sizeOf, wholeOf } from "../models/outline.js"
import { placeOf } from "../models/pages.js"
import { words as panelWords } from "../words/panel.js"
import { words } from "../words/pages.js"
import { pageAddress } from "./documents.js"
import { button, troubles } from "./parts.js"

const LARGE_PX = 1400
/** A corner is as large as this part of the page's width. */
const CORNER = 1 / 45
const FIELDS = ["left", "top", "width", "height", "angle"]

/** The dialog over the page `state.dialog` names; `outline` in it is what would be cut out. */
export function trimDialog(state, acts) {
  const { document: id, page: pageId, outline } = state.dialog
  const document = state.server.visit.documents.find((one) => one.id === id)
  const page = document?.pages.find((one) => one.id === pageId)
  if (!page || page.state !== "visible") return nothing
  return html`<dialog class="desk-dialog trim-dialog" data-oac="trim-dialog" aria-label=${words.trim} @close=${acts.closeDialog}>
    ${sheet(page, outline, acts)}
    <div class="trim-side">
      <h2>${words.trim}</h2>
      <p class="soft">${pick(document.title)} · ${panelWords.pageNumber(placeOf(document, page))}. ${words.trimHow}</p>
      ${troubles(state)}
      <div class="trim-fields">${FIELDS.map((name) => field(name, page, outline, acts))}</div>
      <div class="trim-acts">
        ${page.outline ? button({ handle: `trim-proposal`, label: words.proposal, act: () => acts.drawOutline(page, page.outline) }) : nothing}
        ${button({ handle: `trim-whole`, label: words.whole, act: () => acts.drawOutline(page, wholeOf(page)) })}
      </div>
      <div class="trim-acts">
        ${button({ handle: `trim-accept`, label: words.accept, sign: "tick", look: "button-primary", isBusy: state.busy[`page ${page.id}`],
          why: isIdle(outline, page) ? "nothing-to-crop" : null, act: () => acts.trim(page, outline) })}
        ${button({ handle: `dialog-close`, label: words.leave, act: acts.closeDialog })}
      </div>
    </div>
  </dialog>`
}

function field(name, page, outline, acts) {
  const key = name === "angle" ? name : `${name}_mm`
  return html`<label class="field"><span>${words[name]}</span>
    <input type="number" step="0.1" inputmode="decimal" data-oac=${`trim-${name}`} .value=${String(outline[key])}
      @change=${({ target }) => acts.drawOutline(page, { ...outline, [key]: target.valueAsNumber })} /></label>`
}

/** The page with what would be cut off in the shade; for the pointer only, the fields say the same. */
function sheet(page, outline, acts) {
  const { across, down } = sizeOf(page)
  const corners = cornersOf(outline)
  const frame = corners.map(({ x, y }) => `${x} ${y}`).join("L")
  return html`<svg class="trim-sheet" viewBox="0 0 ${across} ${down}" aria-hidden="true" data-oac="trim-sheet">
    <image href=${pageAddress(page, LARGE_PX)} width=${across} height=${down} preserveAspectRatio="none"></image>
    <path class="trim-shade" fill-rule="evenodd" d="M0 0H${across}V${down}H0ZM${frame}Z"></path>
    <path class="trim-frame" d="M${frame}Z"></path>
    ${corners.map(({ x, y }, corner) => svg`<circle class="trim-corner" cx=${x} cy=${y} r=${across * CORNER}
      @pointerdown=${(event) => event.target.setPointerCapture(event.pointerId)}
      @pointermove=${(event) => event.buttons && acts.drawOutline(page, drawn(outline, corner, pointOf(event), page))}></circle>`)}
  </svg>`
}

/** Where on the page the pointer is. */
function pointOf({ target, clientX, clientY }) {
  return new DOMPoint(clientX, clientY).matrixTransform(target.ownerSVGElement.getScreenCTM().inverse())
}
