"""What installs, runs and demonstrates the video counter."""
