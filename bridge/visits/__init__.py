"""One citizen served by one clerk at one counter: steps, jobs, meeting, end."""
