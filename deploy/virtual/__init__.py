"""Real SANE and IPP devices without hardware, for the demo and the tests."""
