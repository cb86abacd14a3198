// The page behind a guest's link: trades the secret after the # for a way into the meeting, once.
// @ts-check
import { api } from "./lib/api.js"
import { useLanguage } from "./lib/gettext.js"

useLanguage(document.documentElement.lang.split("-")[0])

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
    problem.textContent = error.title || error.key
    problem.className = "notice notice-danger"
    button.disabled = !error.isTransient
  }
})

/** The token stands behind a #, where no server reads it, in the quotes that Jitsi wants. */
function addressOf({ domain, room, jwt }) {
  return `https://${domain}/${room}#jwt=${encodeURIComponent(JSON.stringify(jwt))}`
}
