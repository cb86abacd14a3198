// Something to be signed on the screen: first it is read, then there is a field for the name.
// @ts-check
import { html } from "../../lib/element.js"
import { pick } from "../../lib/gettext.js"
import { words } from "../words.js"
import { inside } from "./parts.js"

export function signing(shown, state, acts) {
  return state.signing === shown.job.id ? field(shown, state, acts) : reading(shown, state, acts)
}

/** All of what is signed, and the three ways to go on. */
function reading({ job }, state, acts) {
  return html`<article class="card card-ask card-sign" data-fit data-oac="sign" role="alertdialog" tabindex="-1"
      aria-labelledby="sign-what" data-job=${job.id}>
    <div id="sign-what">
      <p>${words.asksToSign(job.clerk)}</p>
      <h2>${pick(job.title)}</h2>
      <p class="declaration">${pick(job.signs)}</p>
    </div>
    <div class="choices choices-three">
      ${choice(`consent-refuse`, words.refuse, { state, act: () => acts.consent(job, false) })}
      ${choice(`sign-on-paper`, words.onPaper, { state, act: () => acts.signOnPaper(job) })}
      ${choice(`sign-begin`, words.sign, { state, act: () => acts.beginSigning(job) })}
    </div>
  </article>`
}

function field({ job }, state, acts) {
  return html`<article class="card card-ask card-sign" data-fit data-oac="sign-field" role="alertdialog" tabindex="-1"
      aria-label=${words.signHere}>
    <p>${words.signHere}</p>
    <oac-signature @signature-changed=${acts.signatureChanged}></oac-signature>
    <div class="choices choices-three">
      ${choice(`sign-back`, words.back, { state, act: acts.leaveSigning })}
      ${choice(`sign-clear`, words.clear, { state, act: acts.clearSignature })}
      ${choice(`sign-done`, words.signed, { state, act: () => acts.sign(job), isOff: !state.hasInk })}
    </div>
  </article>`
}

function choice(handle, label, { state, act, isOff = false }) {
  return html`<button type="button" class="button" data-oac=${handle} ?disabled=${state.isBusy || isOff}
    @click=${act}>${inside(null, label)}</button>`
}
