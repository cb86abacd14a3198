"""Sets up a Jitsi Meet server that Debian's packages of Jitsi made, and takes all of it out again."""
