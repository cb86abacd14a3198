// What Jitsi starts with for the clerk who opened its page directly. Not by the address: there, Jitsi
// takes the first as a wish to join without a camera. Not later: then most of it is not heeded.
// @ts-check

export const AT_THE_START = Object.freeze({
  prejoinConfig: { enabled: false },
  // The one from before a lost connection must go, or the two are three and see nobody.
  replaceParticipant: true,
  doNotStoreRoom: true,
  hideConferenceSubject: true,
  hideConferenceTimer: true,
  disableInviteFunctions: true,
  disablePolls: true,
  disableReactions: true,
  feedbackPercentage: 0,
})
