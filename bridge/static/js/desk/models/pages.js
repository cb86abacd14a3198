// The pages of a document. Pure.
// @ts-check

import { endedBadly } from "./jobs.js"

/** The documents that there is something of: not those whose scan brought nothing, or whose pages are gone. */
export function heldDocuments({ documents, jobs }) {
  const isComing = ({ id }) => jobs.some((job) => job.document === id && !endedBadly(job))
  return documents.filter((one) => one.kind === "form" || one.pages?.length || isComing(one))
}

/** Which page of its document it is, counted from one. */
export function placeOf(document, page) {
  return document.pages.findIndex((one) => one.id === page.id) + 1
}
