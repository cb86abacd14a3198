// Pictures of what the hands do at the scanner and the printer. One line, one tint, one mark each:
// `l` is the ink line, `s` a sheet, `t` the tinted thing, `m` the saffron mark to look at.
// @ts-check
import { svg } from "../../lib/element.js"

const SCANNER = svg`
  <path class="t" d="M14 78h92l6 20H8z" /><path class="s" d="M22 78l8-18h60l8 18z" />
  <path class="l" d="M30 60V22h60v38" />`
const DOWN = svg`<path class="m" d="M60 24v22M50 38l10 10 10-10" />`
const PRINTER = svg`
  <path class="s" d="M34 48V18h52v30" />
  <rect class="t" x="14" y="46" width="92" height="38" rx="7" />
  <circle class="dot" cx="92" cy="58" r="3.5" />`

const CARD = svg`
  <rect class="t" x="14" y="62" width="92" height="46" rx="6" />
  <path class="dash" d="M38 70h44v28H38z" />`

export const DEVICES = {
  "card-front": svg`${CARD}
    <rect class="s" x="32" y="8" width="56" height="34" rx="4" /><circle class="m-fill" cx="45" cy="22" r="6" />
    <path class="l" d="M38 36c2-8 12-8 14 0M60 20h20M60 30h14" /><path class="m" d="M60 46v22M50 59l10 10 10-10" />`,
  "card-turn": svg`${CARD}
    <rect class="s" x="38" y="70" width="44" height="28" rx="4" /><path class="l" d="M44 90h32M44 82h12" />
    <path class="m" d="M24 54c4-36 68-36 72 0M84 44l12 12 10-14" />`,
  "card-on-glass": svg`${SCANNER}
    <path class="s" d="M42 75l4-11h28l4 11z" /><path class="l" d="M50 70h7M62 70h9" />${DOWN}`,
  "page-on-glass": svg`${SCANNER}
    <path class="s" d="M34 76l6-14h40l6 14z" /><path class="l" d="M46 67h28M43 72h34" />${DOWN}`,
  "feeder": svg`
    <path class="s" d="M38 54V14h44v40" /><path class="l" d="M46 24h28M46 33h28" />
    <path class="t" d="M26 54h68l10 18v26H16V72z" /><path class="l" d="M30 72h60" />
    <path class="m" d="M60 40v22M50 54l10 10 10-10" />`,
  "lid-open": svg`
    <path class="t" d="M14 78h92l6 20H8z" /><path class="s" d="M22 78l8-14h60l8 14z" />
    <path class="t" d="M30 64L44 18h58L90 64z" /><path class="m" d="M20 30c-6 10-6 20 0 30M12 50l8 11 10-9" />`,
  "paper-from-printer": svg`${PRINTER}
    <path class="s" d="M32 72h56v34H32z" /><path class="l" d="M41 84h38M41 93h26" />
    <path class="m" d="M102 92v20M94 104l8 9 8-9" />`,
  "paper-empty": svg`
    <path class="dash" d="M34 48V18h52v30" />
    <rect class="t" x="14" y="46" width="92" height="38" rx="7" /><path class="l" d="M32 84h56" />
    <circle class="sun" cx="92" cy="92" r="19" /><path class="l" d="M92 81v13" /><circle class="dot" cx="92" cy="101" r="2.5" />`,
  "paper-jam": svg`${PRINTER}
    <path class="s" d="M32 72h56l-8 9 8 8-9 8 5 9H32l6-9-8-8 9-8z" />
    <circle class="sun" cx="98" cy="98" r="17" /><path class="l" d="M91 91l14 14M105 91l-14 14" />`,
  "ink": svg`${PRINTER}
    <path class="m-fill" d="M60 58c12 16 18 24 18 33a18 18 0 0 1-36 0c0-9 6-17 18-33z" />`,
  "device": svg`${PRINTER}<path class="l" d="M32 84h56" />
    <circle class="sun" cx="60" cy="96" r="19" /><path class="l" d="M60 85v13" /><circle class="dot" cx="60" cy="105" r="2.5" />`,
  "scanner": svg`${SCANNER}<path class="m" d="M34 69h52" />`,
  "printer": svg`${PRINTER}
    <path class="s" d="M32 72h56v34H32z" /><path class="l" d="M41 84h38M41 93h26" />`,
}
