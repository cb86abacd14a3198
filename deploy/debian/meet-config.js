config.disableThirdPartyRequests = true;
config.analytics = { disabled: true };
config.gravatar = { disabled: true };
config.welcomePage = { disabled: true };
// One path for the media: by the videobridge. Directly, each side would learn the other's address.
config.p2p = { enabled: false, stunServers: [] };
config.prejoinConfig = { enabled: false };
config.enableClosePage = false;
config.doNotStoreRoom = true;
