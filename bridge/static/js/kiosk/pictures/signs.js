// Pictures of people and moments, and the signs on the buttons.
// @ts-check
import { svg } from "../../lib/element.js"

export const SIGNS = {
  "sign-here": svg`
    <path class="s" d="M20 12h64v96H20z" /><path class="l" d="M32 30h40M32 44h40M32 90h40" />
    <path class="m" d="M34 84c6-14 10-14 10-6s6 4 10-2" />
    <path class="t" d="M58 76L98 30l12 10-40 46-16 6z" />`,
  "helper-coming": svg`
    <circle class="t" cx="56" cy="26" r="15" /><path class="s" d="M28 104c0-40 8-58 28-58s28 18 28 58z" />
    <path class="l" d="M48 62l8 10 8-10" /><path class="m" d="M88 66h24M102 56l11 10-11 10" />`,
  "talk": svg`
    <path class="t" d="M12 20h66v44H44L28 80V64H12z" />
    <path class="s" d="M54 48h54v38H96v14L82 86H54z" /><path class="m" d="M66 62h30M66 73h18" />`,
  "information": svg`
    <circle class="t" cx="60" cy="60" r="46" /><path class="m" d="M60 56v30" /><circle class="dot" cx="60" cy="38" r="5" />`,
  "show-to-camera": svg`
    <rect class="t" x="28" y="10" width="64" height="44" rx="6" /><circle class="m-fill" cx="60" cy="32" r="10" />
    <rect class="s" x="24" y="66" width="72" height="42" rx="5" /><circle class="t" cx="42" cy="84" r="8" />
    <path class="l" d="M60 80h26M60 92h18" />`,
  "fill-in": svg`
    <path class="s" d="M20 12h64v96H20z" /><path class="l" d="M32 32h40M32 52h40M32 72h20M32 92h20" />
    <path class="t" d="M58 84L98 38l12 10-40 46-16 6z" />`,
  "take-papers": svg`
    <path class="s" d="M18 20h58v78H18z" /><path class="l" d="M30 38h34M30 52h34" />
    <rect class="t" x="50" y="60" width="60" height="40" rx="5" /><circle class="m-fill" cx="66" cy="76" r="7" />
    <path class="l" d="M80 74h20M60 91h40" />`,
  "telephone": svg`
    <rect class="t" x="16" y="56" width="88" height="50" rx="10" /><path class="s" d="M10 48c0-40 100-40 100 0l-6 10H82V44H38v14H16z" />
    <circle class="m-fill" cx="60" cy="80" r="15" /><path class="m" d="M98 14l8-8M108 24l10-3" />`,
  "paused": svg`
    <circle class="t" cx="60" cy="60" r="46" /><path class="m" d="M48 42v36M72 42v36" />`,
  "question": svg`
    <path class="s" d="M24 10h72v100H24z" /><path class="m" d="M40 62l14 16 28-34" />`,
  "help": svg`<path class="g" d="M60 100V56c0-8 14-8 14 0v-8c0-8 14-8 14 0v30c0 16-10 26-26 26S38 92 32 80l-8-18c-2-6 8-10 12-4l8 12V22c0-8 16-8 16 0v34" />`,
  "write": svg`<path class="g" d="M14 30h92v60H14zM28 48h6M46 48h6M64 48h6M82 48h6M36 70h48" />`,
  "stop": svg`<path class="g" d="M40 12h40l28 28v40l-28 28H40L12 80V40zM42 42l36 36M78 42L42 78" />`,
  "arrow": svg`<path class="g" d="M20 60h76M66 28l32 32-32 32" />`,
  "back": svg`<path class="g" d="M100 60H24M54 28L22 60l32 32" />`,
  "tick": svg`<path class="g" d="M20 64l28 28 52-62" />`,
  "cross": svg`<path class="g" d="M28 28l64 64M92 28L28 92" />`,
}
