import Testing

/// Tests that run the program on real filesystems; one after another, since they measure and load the machine.
@Suite(.serialized)
struct EndToEnd {}
