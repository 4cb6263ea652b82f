import Testing

/// Tests that run the program on real filesystems; one after another, since they measure and load the machine.
@Suite(.serialized)
struct EndToEnd {}

/// Those that mostly wait and measure nothing, beside the others.
@Suite(.serialized)
struct EndToEndWaiting {}
