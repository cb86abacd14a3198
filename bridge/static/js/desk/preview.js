// The live preview: strips of a page drawn onto a canvas as they come from the scanner.
// @ts-check
import { hasArrived } from "./models/jobs.js"
import { BLANK, takeStrip } from "./models/strips.js"

/** Keeps the canvas from the first strip on, whether or not the page shows it yet. */
export class Preview {
  sheet = BLANK
  canvas = document.createElement("canvas")
  #changed

  /** @param {() => void} changed called after a strip was drawn */
  constructor(changed) {
    this.#changed = changed
  }

  /** Draw one PreviewStrip where it belongs. */
  async take(strip) {
    const { sheet, canvas } = takeStrip(this.sheet, strip)
    if (canvas === "skip") return
    this.sheet = sheet
    if (canvas === "clear") this.#size(sheet)
    if (canvas === "grow") this.#grow(sheet)
    const picture = await decoded(strip.jpeg)
    const isWanted = this.sheet.job === strip.job && this.sheet.page === strip.page
    if (picture && isWanted) this.canvas.getContext("2d").drawImage(picture, 0, strip.top)
    picture?.close()
    this.#changed()
  }

  /** A page that has arrived is shown as a document; removed there, it must not be seen here. */
  follow(visit) {
    if (hasArrived(visit, this.sheet)) this.sheet = BLANK
  }

  #size({ width, height }) {
    this.canvas.width = width // which also empties it
    this.canvas.height = height
  }

  #grow(sheet) {
    const before = document.createElement("canvas")
    before.width = this.canvas.width
    before.height = this.canvas.height
    before.getContext("2d").drawImage(this.canvas, 0, 0)
    this.#size(sheet)
    this.canvas.getContext("2d").drawImage(before, 0, 0)
  }
}

async function decoded(jpeg) {
  try {
    return await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }))
  } catch {
    return null // a strip that is no picture leaves its stripe empty; the page itself is not this
  }
}
