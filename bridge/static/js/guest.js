// The page behind a guest's link: trades the secret after the # for a way into the meeting, once.
// @ts-check
import { api } from "./lib/api.js"
import { failureText } from "./lib/failures.js"
import { loadCatalogue, useLanguage } from "./lib/gettext.js"
import { addressOf } from "./lib/way-in.js"

const language = document.documentElement.lang.split("-")[0]
useLanguage(language)
loadCatalogue(language)

const secret = location.hash.slice(1)
const button = /** @type {HTMLButtonElement} */ (document.querySelector("[data-oac=guest-join]"))
const problem = /** @type {HTMLElement} */ (document.querySelector("[data-oac=guest-problem]"))

// A link that stays in the address bar is one that is passed on.
history.replaceState(null, "", location.pathname + location.search)

button.addEventListener("click", async () => {
  button.disabled = true
  problem.className = problem.textContent = ""
  try {
    location.replace(addressOf(await api.post("/api/guests", { secret })))
  } catch (error) {
    problem.textContent = failureText(error)
    problem.className = "notice notice-danger"
    button.disabled = !error.isTransient
  }
})
