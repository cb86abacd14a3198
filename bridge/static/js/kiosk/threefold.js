// Sentences for whoever comes by, before any language is chosen: in all three at once.
// They stand here and in no catalogue, so that they are there when the bridge is not.
// @ts-check
import { LANGUAGES } from "../lib/gettext.js"

const TEXTS = {
  starting: {
    ca: ["Un moment, per favor."],
    es: ["Un momento, por favor."],
    en: ["One moment, please."],
  },
  preparing: {
    ca: ["Este lloc es prepara.", "Si tarda, toque Ajuda."],
    es: ["Este puesto se prepara.", "Si tarda, toque Ayuda."],
    en: ["One moment, please.", "If it takes long, touch Help."],
  },
  unavailable: {
    ca: ["Este lloc no funciona.", "Vaja al taulell, per favor."],
    es: ["Este puesto no funciona.", "Vaya al mostrador, por favor."],
    en: ["Out of service.", "Please go to the desk."],
  },
  closed: {
    ca: ["Ara està tancat.", "Torne en hores d'atenció, per favor."],
    es: ["Ahora está cerrado.", "Vuelva en horario de atención, por favor."],
    en: ["We are closed now.", "Please come back in opening hours."],
  },
  pairing: {
    ca: ["Pantalla sense vincular.", "La supervisió ha d'aprovar este codi:"],
    es: ["Pantalla sin vincular.", "Supervisión tiene que aprobar este código:"],
    en: ["Not paired yet.", "The supervisor approves this code:"],
  },
  linkLost: {
    ca: ["Sense connexió"],
    es: ["Sin conexión"],
    en: ["No connection"],
  },
  help: { ca: ["Ajuda"], es: ["Ayuda"], en: ["Help"] },
}

/** `[{lang, title, text}]` for a name above; `lang` is the tag for the page, `text` may be "". */
export function threefold(name) {
  return Object.entries(TEXTS[name]).map(([key, [title, text = ""]]) => ({
    lang: LANGUAGES[key], title, text,
  }))
}
