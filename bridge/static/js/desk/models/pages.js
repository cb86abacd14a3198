// The pages of a document. Pure.
// @ts-check

/** Which page of its document it is, counted from one. */
export function placeOf(document, page) {
  return document.pages.findIndex((one) => one.id === page.id) + 1
}
