// Measures what the kiosk shows at this moment; answers a list of sentences, empty when all is well.
// Given `{cap}`: the height in CSS px that a capital of a word that must be read has at least.
({ cap }) => {
  const CAPITAL = 0.668 // of Atkinson Hyperlegible Next, in em
  const TARGET = 64
  const ASIDE = 18 // 3 mm: words that nobody needs, and what the large letters repeat
  const CONTRAST = 7
  const MUST = "button:not(.larger, .key), h1, .card > h2, #consent-what h2, #consent-what > p:first-child," +
    ".ticket-number, .position, .light, .banner, [data-large=yes] .card > p"
  const kiosk = document.querySelector("oac-kiosk")
  const found = []
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true })
  const nameOf = (element) => element.dataset.oac || element.className || element.tagName

  function page() {
    const { scrollWidth, scrollHeight, lang } = document.documentElement
    if (scrollWidth > innerWidth || scrollHeight > innerHeight) found.push("the page scrolls")
    if (!["ca-valencia", "es", "en"].includes(lang)) found.push(`the page is in "${lang}"`)
  }

  function targets() {
    for (const one of kiosk.querySelectorAll("button, input")) {
      if (!isShown(one) || (document.querySelector(".countdown") && !one.closest(".countdown"))) continue
      const { left, top, width, height } = one.getBoundingClientRect()
      const isKey = one.matches(".key")
      if (height < TARGET || (width < TARGET && !isKey)) found.push(`${nameOf(one)} is ${width} × ${height}`)
      const there = document.elementFromPoint(left + width / 2, top + height / 2)
      if (!one.contains(there)) found.push(`${nameOf(one)} lies under ${there ? nameOf(there) : "the edge"}`)
      if (!(one.textContent.trim() || one.getAttribute("aria-label"))) found.push(`${nameOf(one)} has no name`)
    }
  }

  function clipOf(element) {
    for (let one = element; one && one !== kiosk; one = one.parentElement) {
      const isBox = one.matches("button, article, section, .light, .bar")
      if (isBox || getComputedStyle(one).overflow !== "visible") return one
    }
    return kiosk
  }

  function isCut(text, element) {
    // Glyphs are lower than the line box that is measured.
    const more = parseFloat(getComputedStyle(element).fontSize) * 0.22
    const box = clipOf(element).getBoundingClientRect()
    const range = document.createRange()
    range.selectNodeContents(text)
    return [...range.getClientRects()].some((one) =>
      one.left < box.left - 2 || one.right > box.right + 2 ||
      one.top < box.top - more || one.bottom > box.bottom + more)
  }

  function luminance(color) {
    const [red, green, blue] = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
      const value = part / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  function groundOf(element) {
    for (let one = element; one; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one)
      if (/^rgb\(/.test(backgroundColor)) return backgroundColor
    }
    return getComputedStyle(document.documentElement).backgroundColor
  }

  function contrastOf(element) {
    const [dark, light] = [getComputedStyle(element).color, groundOf(element)].map(luminance).sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }

  function letters(text) {
    const element = text.parentElement
    const words = `"${text.textContent.trim().slice(0, 30)}"`
    const isScrolledAway = element.closest(".say-lines")
    if (isCut(text, element) && !isScrolledAway) found.push(`${words} is cut`)
    const height = parseFloat(getComputedStyle(element).fontSize) * CAPITAL
    const least = element.closest(MUST) && !element.closest(".row-summary") ? cap : ASIDE
    if (height < least - 0.5) found.push(`${words} has capitals of ${height.toFixed(1)} px, not ${least}`)
    const contrast = contrastOf(element)
    if (contrast < CONTRAST) found.push(`${words} has a contrast of ${contrast.toFixed(1)}`)
  }

  page()
  targets()
  const walker = document.createTreeWalker(kiosk, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { currentNode: text } = walker
    const isCovered = document.querySelector(".countdown") && !text.parentElement.closest(".countdown")
    const isHeard = text.parentElement.closest(".only-heard")
    if (text.textContent.trim() && isShown(text.parentElement) && !isCovered && !isHeard) letters(text)
  }
  return found
}
