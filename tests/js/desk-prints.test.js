// Prints as the desk plans them, without a page.
import assert from "node:assert/strict"
import { test } from "node:test"

import { repetitionOf } from "../../bridge/static/js/desk/models/jobs.js"
import {
  arePagesSound, chosenPrint, nameOfFile, plainPages, plannedPrint, printables, printOffer, printOptions, printRequest, shownPaper,
} from "../../bridge/static/js/desk/models/prints.js"
import { words } from "../../bridge/static/js/desk/words/prints.js"

const plain = { id: "cups:1", name: "Printer", capabilities: ["print"], colours: ["grey"], sides: ["one-sided"], is_present: true }
const office = {
  ...plain, colours: ["colour", "grey"], sides: ["one-sided", "two-sided-long-edge"],
  papers: ["iso_a3_297x420mm", "iso_a4_210x297mm"], scalings: ["fit", "none"], can_staple: true, takes_pages: true,
}
const form = { key: "census", title: { en: "Census" } }
const drawn = { id: "d1", kind: "form", key: "census", title: { en: "Census" }, sheets: 2 }
const brought = { id: "d2", kind: "form", key: "document/census", title: { en: "Document: Census" }, sheets: 4, is_brought: true }
const server = (fields = {}) => ({ visit: { forms: [form], documents: [], devices: [office], services: [], ...fields } })
const planned = (print = {}, fields = {}) => plannedPrint({ server: server(fields), choices: { print } })

test("only what a printer has, and has more than one of, is offered", () => {
  assert.deepEqual(printOffer(plain), { sides: [], colours: [], papers: [], scalings: [], canStaple: false, takesPages: false })
  assert.deepEqual(printOptions({ device: plain, chosen: { staple: true, pages: "1", paper: "x", sides: "x" } }), { copies: 1 })
})

test("what nobody chose is as usual: one side, in colour, on A4, in the printer's own size", () => {
  const usual = { copies: 1, sides: "one-sided", colour: "colour", paper: "iso_a4_210x297mm" }
  assert.deepEqual(printOptions({ device: office }), usual)
  const chosen = { copies: 3, sides: "two-sided-long-edge", scaling: "none", staple: true, pages: " 1 – 2; 4 " }
  assert.deepEqual(printOptions({ device: office, chosen }), { ...usual, ...chosen, pages: "1-2,4" })
})

test("pages rise, do not overlap and are there", () => {
  for (const pages of ["", "1", "1-3,5", "2-2"]) assert.ok(arePagesSound(pages, 5), pages)
  for (const pages of ["0", "3-1", "1,1", "1-3,2", "6", "1-", "a"]) assert.equal(arePagesSound(pages, 5), false, pages)
  assert.ok(arePagesSound("99"))
  assert.equal(plainPages(undefined), "")
})

test("forms come first, drawn or not, then the papers that were brought", () => {
  assert.deepEqual(printables(server().visit, null).map(({ document }) => document), [null])
  const visit = server({ documents: [brought, drawn, { id: "d3", kind: "scan" }] }).visit
  assert.deepEqual(printables(visit, null).map(({ key, document, sheets }) => [key, document, sheets]),
    [["census", "d1", 2], ["d2", "d2", 4]])
  assert.equal(shownPaper(visit, { document: "d2" }).sheets, 4)
  assert.equal(shownPaper(visit, { document: "d3" }), null)
})

test("a receipt goes to the ticket printer, everything else to the others, unless chosen otherwise", () => {
  const roll = { ...plain, id: "escpos:1", name: "A roll", is_for_tickets: true }
  const fields = { devices: [roll, office], forms: [form, { key: "receipt", title: {} }] }
  assert.equal(planned({}, fields).device.id, "cups:1")
  assert.equal(planned({ form: "receipt" }, fields).device.id, "escpos:1")
  assert.equal(planned({ form: "receipt", device: "cups:1" }, fields).device.id, "cups:1")
  assert.equal(planned({ form: "receipt" }, { ...fields, devices: [office] }).device.id, "cups:1")
})

test("of a receipt that was drawn twice the newer one counts", () => {
  const documents = [{ ...drawn, id: "old", key: "receipt" }, { ...drawn, id: "new", key: "receipt" }]
  assert.equal(printables(server({ documents, forms: [{ key: "receipt" }] }).visit, null)[0].document, "new")
})

test("a form is asked for by its key, a paper by its document", () => {
  assert.equal(printRequest(planned()).form, "census")
  const body = printRequest(planned({ form: "d2", pages: "2-3" }, { documents: [brought] }))
  assert.deepEqual([body.document, body.form, body.options.pages], ["d2", undefined, "2-3"])
})

test("the button says why it rests", () => {
  assert.equal(planned({}, { forms: [] }).why, "no-form")
  assert.equal(planned({ form: "d2", pages: "5" }, { documents: [brought] }).why, "pages-unsound")
  assert.equal(planned({ pages: "5" }).why, null)
})

test("what stands folded is said when it is not as usual", () => {
  assert.equal(words.chosen(printOptions({ device: office })), "")
  const chosen = { sides: "two-sided-long-edge", colour: "grey", scaling: "none", pages: "1", staple: true }
  assert.equal(words.chosen(chosen), "Both sides, as in a book · Grey · True size · Pages 1 · Staple")
})

test("a print that is made once more names the one before", () => {
  const job = { id: "j", kind: "print", device: { id: "cups:1" }, options: { copies: 2 }, document: "d1" }
  assert.equal(repetitionOf(job).repeats, "j")
  assert.equal("repeats" in repetitionOf({ ...job, kind: "scan" }), false)
})

test("a step that is a print prints its own form, beside a paper of the clerk's that is chosen", () => {
  const step = { id: "st", proof: "print", form: "census" }
  const fields = { documents: [brought], services: [{ steps: [step] }], current_step: "st" }
  const state = { server: server(fields), choices: { print: { form: "d2", pages: "3-4", files: { d2: "Bill" } } } }
  assert.deepEqual(printRequest(plannedPrint(state)),
    { kind: "print", device: "cups:1", options: printOptions({ device: office }), form: "census", step: "st" })
  const { paper } = chosenPrint(state)
  assert.deepEqual([paper.file, paper.called], ["Bill", null])
  assert.deepEqual([printRequest(chosenPrint(state)).document, printRequest(chosenPrint(state)).step], ["d2", undefined])
})

test("what the clerk calls a paper is sent with its print; the name of its file never is", () => {
  const request = (titles) => printRequest(planned({ form: "d2", files: { d2: "Bill of Maria" }, titles }, { documents: [brought] }))
  assert.equal(request({ d2: "A bill" }).title, "A bill")
  assert.equal(request({ d2: "" }).title, "") // its usual title again
  assert.equal("title" in request({}), false)
  assert.ok(!JSON.stringify(request({})).includes("Maria"))
  assert.equal("title" in printRequest(planned({ titles: { d1: "No form is called otherwise" } }, { documents: [drawn] })), false)
})

test("a file's name is shown on one line", () => {
  assert.equal(nameOfFile("Rebut  d'aigua.PDF"), "Rebut d'aigua")
  assert.equal(nameOfFile("a\u202e\nb.pdf.pdf"), "a b.pdf")
  assert.equal(nameOfFile(".pdf"), "")
  assert.equal(nameOfFile("x".repeat(300)).length, 80)
})
