// Notices in Jitsi's page: the list of the desk against those that are shown there.
// @ts-check

export class JitsiNotices {
  /** @type {Map<string, string>} */
  #shown = new Map()

  /** Show what is new or changed, withdraw what is not wanted any more. */
  follow(frame, notices) {
    const wanted = new Map(notices.map((notice) => [notice.key, JSON.stringify(notice)]))
    for (const [key, was] of this.#shown) {
      if (wanted.get(key) !== was) this.#hide(frame, key)
    }
    for (const notice of notices) {
      if (!this.#shown.has(notice.key)) this.#show(frame, notice, wanted.get(notice.key))
    }
  }

  #hide(frame, key) {
    frame.command("hideNotification", key)
    this.#shown.delete(key)
  }

  #show(frame, { key, title, text = "", look = "normal", actions = [] }, signature) {
    this.#shown.set(key, signature)
    frame.command("showNotification", {
      title,
      description: text,
      uid: key,
      type: look,
      timeout: "sticky",
      customActions: actions.map((action) => ({ label: action.text, uuid: `${key}/${action.id}` })),
    })
  }
}

/** The notice's key and the action of a `uuid` made above; null for another's. */
export function answerOf(uuid) {
  const at = uuid.lastIndexOf("/")
  return at > 0 ? { key: uuid.slice(0, at), action: uuid.slice(at + 1) } : null
}
