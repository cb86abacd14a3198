// Whether a picture of the other arrives in Jitsi's page.
// @ts-check

/** Darker than this everywhere is no picture: a lid, at most. */
const DARK = 18
const SIZE = 16

/** True when it moves, false when there is none, null when it is not known. */
export async function pictureMoves(frame, peer) {
  const told = frame.knows("getConnectionStats") ? await quietly(frame.ask("getConnectionStats")) : null
  const rates = Object.values(told?.framerate?.[peer] ?? {})
  if (rates.length) return rates.some((rate) => rate > 0)
  const shot = await quietly(frame.ask("captureLargeVideoScreenshot"))
  if (!shot) return null
  return shot.dataURL ? !(await isDark(shot.dataURL)) : false
}

async function quietly(question) {
  try {
    return await question
  } catch {
    return null
  }
}

async function isDark(address) {
  const image = new Image()
  image.src = address
  await image.decode()
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE })
  const pen = canvas.getContext("2d")
  pen.drawImage(image, 0, 0, SIZE, SIZE)
  return pen.getImageData(0, 0, SIZE, SIZE).data.every((value, n) => n % 4 === 3 || value < DARK)
}
