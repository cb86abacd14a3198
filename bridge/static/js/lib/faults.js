// What is wrong with a device or a job, in plain words, and what helps. For staff.
// @ts-check
import { gettext, N_ } from "./gettext.js"

/** What is wrong and what to do, for an attention reason, an error's key, or a stranger's. */
export function faultOf(reason) {
  const [what, remedy] = FAULTS[reason] ?? FAULTS.unknown
  return { what: gettext(what), remedy: gettext(remedy) }
}

const HELP = N_("Ask for help in the hall.")
const OTHER = N_("Use another device, or transfer the visit to another counter.")

const FAULTS = {
  "paper_empty": [N_("The printer has no paper."), N_("Ask for help in the hall: somebody has to fill the tray. The print then goes on by itself.")],
  "paper_jam": [N_("Paper is stuck in the printer."), N_("Ask for help in the hall: somebody has to take the sheet out. The print then goes on by itself.")],
  "cover_open": [N_("A lid is open."), N_("Ask the citizen to close the lid of the device. It then goes on by itself.")],
  "feeder_empty": [N_("There is no sheet in the feeder."), N_("Ask the citizen to put the sheets in: it then goes on by itself. Or stop, and choose the glass.")],
  "feeder_jam": [N_("A sheet is stuck in the feeder."), N_("Ask for help in the hall: the stuck sheet and those after it go in again, and it goes on by itself.")],
  "feeder_double": [N_("Two sheets went in together."), N_("Ask the citizen to put these sheets and those after them in again: it goes on by itself.")],
  "feeder_mispick": [N_("The feeder did not take the sheet."), N_("Ask the citizen to push the sheets in: it then goes on by itself.")],
  "output_full": [N_("The output tray is full."), N_("Ask the citizen to take the papers out.")],
  "ink_low": [N_("Ink or toner is running low."), N_("You can go on. Tell the hall that a new cartridge is needed.")],
  "ink_empty": [N_("Ink or toner is used up."), N_("Ask for help in the hall: somebody has to change the cartridge.")],
  "device_busy": [N_("Somebody else is using the device."), N_("Wait a moment and try again.")],
  "device_offline": [N_("The device does not answer."), N_("Ask for help in the hall: is it switched on and plugged in?")],
  "needs_login": [N_("The device wants somebody to sign in."), HELP],
  "wrong_media": [N_("The tray holds the wrong paper."), N_("Ask for help in the hall: somebody has to put A4 paper in.")],
  "page_too_long": [N_("The sheet is too long for the device."), N_("Scan it on the glass, in parts if need be.")],
  "next_page": [N_("The next page is awaited."), N_("You or the citizen says when it lies there; what is scanned is kept.")],
  "unknown": [N_("The device needs a person."), HELP],
  "device-error": [N_("The device reported an error."), N_("Try again. If it stays, ask for help in the hall.")],
  "device-gone": [N_("The device went away while it worked."), N_("Ask for help in the hall: is it switched on and plugged in?")],
  "device-busy": [N_("Somebody else is using the device."), N_("Wait a moment and try again.")],
  "device-empty": [N_("Nothing was put into the device."), N_("Ask the citizen to put it in, the right way round, and try again.")],
  "device-needs-hand": [N_("The device needs a person."), HELP],
  "device-silent": [N_("The device has stopped answering."), N_("Try again. If it stays silent, ask for help in the hall.")],
  "job-cancelled": [N_("It was stopped."), N_("Start it again when you are ready.")],
  "job-refused": [N_("The counter's computer did not take the order."), OTHER],
  "document-unsound": [N_("The printer's computer does not take this file."), N_("Save it again as PDF, without a password, and bring it again.")],
  "wish-unmet": [N_("The printer cannot do what was chosen."), N_("Look at the choices for printing, and print again.")],
  "plugin-refused": [N_("The driver of this device cannot be used."), OTHER],
  "result-unsound": [N_("What came from the device is not whole."), N_("Scan or print it again.")],
  "page-unkept": [N_("The page could not be kept at the counter."), N_("Scan it again.")],
  "page-unreadable": [N_("What the scanner gave is no picture."), N_("Look what has come, then scan the rest again.")],
  "page-too-large": [N_("The page is too large to be kept."), N_("Scan it again in grey, or with fewer dots per inch.")],
  "hash-mismatch": [N_("The page did not arrive whole."), N_("Scan it again.")],
  "message-unsound": [N_("The counter's computer did not understand the order."), OTHER],
  "value-unfit": [N_("What was filled in does not fit the device."), N_("Look at what was filled in, and try again.")],
  "page-not-wanted": [N_("The page came too late."), N_("Scan it again.")],
  "source-unsound": [N_("The file to print did not arrive whole."), N_("Print it again.")],
  "journal-unwritable": [N_("The disk of the counter's computer is full."), N_("Use another counter. Tell whoever looks after the computer.")],
  "agent-restarted": [N_("The counter's computer was started anew while it worked."), N_("Look what has come, then scan the rest again.")],
  "driver-failed": [N_("The driver of this device broke."), N_("Try again. If it stays, ask for help in the hall.")],
  "token-revoked": [N_("The counter's computer was paired anew while it worked."), N_("Look what has come, and do the rest again.")],
  "encoder-missing": [N_("The counter's computer lacks a program."), OTHER],
  "bridge-unreachable": [N_("The counter has no connection."), N_("Wait a moment: it comes back by itself.")],
  "meeting-refused": [N_("The meeting server does not let the counter in."), N_("Call whoever runs the meeting server; serve the citizen in the hall meanwhile.")],
  "meeting-silent": [N_("The counter cannot reach the meeting server."), N_("Is the counter's network plugged in? Else serve the citizen in the hall.")],
  "camera-missing": [N_("The counter has no document camera."), OTHER],
  "camera-refused": [N_("The counter's screen may not use the document camera."), HELP],
  "camera-busy": [N_("The document camera does not work."), N_("Try again. If it stays, ask for help in the hall.")],
  "picture-too-small": [N_("The camera's picture is too small to read a paper."), N_("Use the scanner.")],
  "on-paper": [N_("The citizen wants to sign on paper."), N_("Print the form, have it signed, and scan it.")],
  "not-come-out": [N_("The paper did not come out."), N_("Look at the printer with the citizen, then print again.")],
}
