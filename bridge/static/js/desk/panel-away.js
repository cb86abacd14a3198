// The panel's place while nobody is signed in: tells the page around it that there is something to
// read, and looks again when the reader comes back from signing in.
// @ts-check
import { PageLink } from "./page-link.js"

const { meeting } = /** @type {HTMLElement} */ (document.querySelector("[data-oac=panel-away]")).dataset

new PageLink(meeting).send("hello", { title: document.title })
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") location.reload()
})
