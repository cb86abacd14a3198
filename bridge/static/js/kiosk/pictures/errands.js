// Pictures of what people come for, in the same hand as those of the devices.
// @ts-check
import { svg } from "../../lib/element.js"

const HOUSE = svg`
  <path class="s" d="M26 54v48h68V54" /><path class="t" d="M14 58L60 18l46 40-8 6-38-33-38 33z" />
  <path class="m-fill" d="M50 102V74h20v28z" />`
const CERTIFICATE = svg`
  <path class="s" d="M24 14h72v92H24z" /><path class="l" d="M38 34h44M38 48h44M38 62h22" />
  <circle class="m-fill" cx="78" cy="78" r="13" /><path class="t" d="M70 88l-4 22 12-8 12 8-4-22z" />`
const DIGITAL = svg`
  <rect class="s" x="12" y="22" width="96" height="62" rx="6" /><path class="l" d="M44 102h32M60 84v18" />
  <circle class="t" cx="46" cy="53" r="13" /><path class="l" d="M59 53h32v10M79 53v8" />
  <circle class="dot" cx="46" cy="53" r="3.5" />`
const PEOPLE = svg`
  <circle class="t" cx="42" cy="42" r="16" /><path class="s" d="M14 98c0-22 12-34 28-34s28 12 28 34z" />
  <circle class="m-fill" cx="84" cy="50" r="13" /><path class="s" d="M74 98c1-16 2-26 12-26s20 10 20 26z" />`
const COINS = svg`
  <ellipse class="t" cx="48" cy="86" rx="34" ry="13" /><path class="s" d="M14 70v16M82 70v16" />
  <ellipse class="s" cx="48" cy="68" rx="34" ry="13" /><ellipse class="m-fill" cx="70" cy="42" rx="34" ry="13" />
  <path class="l" d="M36 42v12c0 7 15 13 34 13s34-6 34-13V42" />`
const CAR = svg`
  <path class="t" d="M12 78V62l14-4 12-24h42l14 24 14 6v14z" /><path class="s" d="M36 56l8-14h14v14zM64 42h13l8 14H64z" />
  <circle class="m-fill" cx="36" cy="80" r="11" /><circle class="m-fill" cx="86" cy="80" r="11" />`
const TREE = svg`
  <path class="l" d="M60 106V62M60 80l14-12" /><path class="t" d="M60 12c26 0 34 22 28 36 4 18-12 24-28 24s-32-6-28-24c-6-14 2-36 28-36z" />
  <path class="m" d="M40 106h40" />`
const BUILDING = svg`
  <path class="t" d="M12 48L60 18l48 30z" /><path class="s" d="M20 48h80v48H20z" />
  <path class="l" d="M36 58v30M52 58v30M68 58v30M84 58v30" /><path class="m" d="M12 102h96" />`
const DOCUMENT = svg`
  <path class="s" d="M28 12h46l20 20v76H28z" /><path class="t" d="M74 12v20h20z" />
  <path class="l" d="M42 50h38M42 66h38" /><path class="m" d="M42 82h22" />`

export const ERRANDS = {
  "house": HOUSE,
  "home": HOUSE,
  "certificate": CERTIFICATE,
  "key": DIGITAL,
  "digital": DIGITAL,
  "digital-certificate": DIGITAL,
  "people": PEOPLE,
  "family": PEOPLE,
  "coins": COINS,
  "tax": COINS,
  "car": CAR,
  "tree": TREE,
  "building": BUILDING,
  "town-hall": BUILDING,
  "document": DOCUMENT,
  "form": DOCUMENT,
}
