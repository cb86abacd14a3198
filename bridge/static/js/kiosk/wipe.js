// Forgets a visit: everything the browser could keep of it, and proof that nothing was left.
// @ts-check

/** Elements that show or carry something of a citizen; none may be left after the goodbye. */
const PERSONAL = "[data-personal], video, audio, oac-meeting, oac-say"

/** Erase storage, caches and databases of this origin, then count what is left everywhere. */
export async function wipe(page = globalThis) {
  page.localStorage.clear()
  page.sessionStorage.clear()
  await eraseCaches(page)
  await eraseDatabases(page)
  return count(page)
}

/** `{storage, caches, elements}`: how many things are left. All zero is a clean screen. */
export async function count(page = globalThis) {
  const names = page.caches ? await page.caches.keys() : []
  const databases = (await page.indexedDB?.databases?.()) ?? []
  return {
    storage: page.localStorage.length + page.sessionStorage.length + databases.length,
    caches: names.length,
    elements: page.document.querySelectorAll(PERSONAL).length,
  }
}

async function eraseCaches(page) {
  if (!page.caches) return // absent outside a secure context, where nothing can be in it either
  for (const name of await page.caches.keys()) await page.caches.delete(name)
}

async function eraseDatabases(page) {
  for (const { name } of (await page.indexedDB?.databases?.()) ?? []) {
    await new Promise((resolve) => {
      const request = page.indexedDB.deleteDatabase(name)
      // A blocked deletion goes on later; the count after it tells the truth meanwhile.
      request.onsuccess = request.onerror = request.onblocked = resolve
    })
  }
}
