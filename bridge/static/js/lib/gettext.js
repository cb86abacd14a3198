// Texts in the reader's language: English source strings, one flat catalogue per language.
// pybabel finds `gettext`, `ngettext` and `N_` by name, so they are called under these names only,
// and never inside a template literal, where it does not look: name the text first, then draw it.
// @ts-check

/** Languages of the product, and the tag each one has in `<html lang>`. */
export const LANGUAGES = Object.freeze({ ca: "ca-valencia", es: "es", en: "en" })

const SOURCE = "en"
const FALLBACK = Object.freeze(["es", "ca", "en"])

/** @type {Map<string, Record<string, string | string[]>>} */
const catalogues = new Map([[SOURCE, {}]])
/** @type {Set<() => void>} */
const watchers = new Set()
let current = SOURCE

/** The language in use: `ca`, `es` or `en`. */
export function language() {
  return current
}

/** Call `watcher` whenever the language changes; answers the function that ends it. */
export function onLanguage(watcher) {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** Mark a text for translation where it is kept, to be looked up by `gettext` where it is used. */
export const N_ = (msgid) => msgid

/** Put a catalogue, msgid → msgstr or its list of forms, singular first, in place. */
export function setCatalogue(lang, messages) {
  catalogues.set(lang, messages)
  if (lang === current) watchers.forEach((watcher) => watcher())
}

/** Fetch a language's catalogue once; false when the bridge could not be reached. */
export async function loadCatalogue(lang) {
  if (catalogues.has(lang)) return true
  try {
    const response = await fetch(`/catalogue/${lang}.json`)
    if (!response.ok) return false
    setCatalogue(lang, (await response.json()).texts)
    return true
  } catch {
    return false // offline: the source texts serve until the next try
  }
}

/** Make a language the one in use, on the page too; a language we do not have is `en`. */
export function useLanguage(lang) {
  const wanted = lang in LANGUAGES ? lang : SOURCE
  if (typeof document !== "undefined") document.documentElement.lang = LANGUAGES[wanted]
  if (wanted === current) return
  current = wanted
  watchers.forEach((watcher) => watcher())
}

/** The text of `msgid`, with `%(name)s` places filled from `values`. */
export function gettext(msgid, values = {}) {
  const found = catalogues.get(current)?.[msgid]
  return fill((Array.isArray(found) ? found[0] : found) || msgid, values)
}

/** The text for `n` things; `%(num)s` is filled with `n`. All our languages have two forms. */
export function ngettext(singular, plural, n, values = {}) {
  const found = catalogues.get(current)?.[singular]
  const form = n === 1 ? 0 : 1
  const text = Array.isArray(found) ? found[form] : catalogues.get(current)?.[form ? plural : singular]
  return fill(text || (form ? plural : singular), { num: n, ...values })
}

/** One text out of `{ca, es, en}`: the language in use, else the first there is. */
export function pick(texts, lang = current) {
  if (typeof texts === "string") return texts
  if (!texts) return ""
  return texts[lang] || FALLBACK.map((other) => texts[other]).find(Boolean) || ""
}

function fill(text, values) {
  return text.replace(/%\((\w+)\)s|%%/g, (place, name) => {
    if (place === "%%") return "%"
    return name in values ? String(values[name]) : place
  })
}
