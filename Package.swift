// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")

// What is hot and in classes: the checks of exclusive access at run time took a seventh of a scan;
// debug builds keep them.
let hot =
  strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

// A module imports only modules that stand above it in this list.
let package = Package(
  name: "treeline",
  products: [
    .executable(name: "treeline", targets: ["TreelineCLI"]),
    .executable(name: "treeline-simulate", targets: ["treeline-simulate"]),
    .library(name: "Fanotify", targets: ["Fanotify"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(name: "CLinux"),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .target(name: "LinuxSystem", dependencies: ["CLinux", system], swiftSettings: strict),
    .target(name: "Fanotify", dependencies: ["CLinux", "LinuxSystem", system], swiftSettings: strict),
    .target(name: "Exclusion", dependencies: ["LinuxSystem", system], swiftSettings: strict),
    .target(name: "Tree", dependencies: ["CLinux", "LinuxSystem", collections], swiftSettings: hot),
    .target(
      name: "Capture",
      dependencies: ["CLinux", "Exclusion", "Fanotify", "LinuxSystem", "Tree", system],
      swiftSettings: hot),
    .target(
      name: "Journal", dependencies: ["CLZ4", "LinuxSystem", "Tree", collections, system],
      swiftSettings: strict),
    .target(
      name: "Replay",
      dependencies: ["Exclusion", "Journal", "LinuxSystem", "Tree", collections, system],
      swiftSettings: strict),
    .target(
      name: "Treeline",
      dependencies: [
        "Capture", "Exclusion", "Fanotify", "Journal", "LinuxSystem", "Replay", "Tree", system,
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "TreelineCLI",
      dependencies: [
        "Treeline", "Exclusion", "Journal", "LinuxSystem", "Replay", "Tree", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    // How the library is used; not installed.
    .executableTarget(
      name: "fanotify-permission", dependencies: ["Fanotify"], path: "examples/fanotify-permission",
      exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "fanotify-created", dependencies: ["Fanotify"], path: "examples/fanotify-created",
      exclude: ["README.md"], swiftSettings: strict),

    // The product over a simulated kernel: nothing in the product imports it.
    .target(
      name: "Simulation",
      dependencies: ["Capture", "Fanotify", "Journal", "LinuxSystem", "Replay", "Tree", system],
      swiftSettings: hot),
    .executableTarget(
      name: "treeline-simulate", dependencies: ["LinuxSystem", "Simulation"],
      swiftSettings: strict),

    // What the tests run beside the product: small C programs that know nothing of treeline.
    .executableTarget(name: "workload", path: "Tests/Tools/workload"),
    .executableTarget(name: "treecompare", path: "Tests/Tools/treecompare"),
    .executableTarget(name: "cscan", path: "Tests/Tools/cscan"),
    .executableTarget(name: "ccopy", path: "Tests/Tools/ccopy"),
    .executableTarget(name: "pace", path: "Tests/Tools/pace"),
    .executableTarget(name: "storm", path: "Tests/Tools/storm"),
    .executableTarget(name: "ring", path: "Tests/Tools/ring"),
    .executableTarget(name: "faultdisk", path: "Tests/Tools/faultdisk"),
    .executableTarget(
      name: "passthrough", path: "Tests/Tools/passthrough", publicHeadersPath: "."),
    .executableTarget(name: "exits", path: "Tests/Tools/exits"),
    .executableTarget(name: "linger", path: "Tests/Tools/linger"),
    .executableTarget(
      name: "cjournal", dependencies: ["CLZ4"], path: "Tests/Tools/cjournal", publicHeadersPath: "."),
    // Made of the product: what is measured beside cjournal, and a writer to be killed.
    .executableTarget(
      name: "journalspeed", dependencies: ["Journal", "LinuxSystem", "Tree"],
      path: "Tests/Tools/journalspeed", swiftSettings: strict),
    .executableTarget(
      name: "journalwriter", dependencies: ["Journal", "LinuxSystem", "Tree"],
      path: "Tests/Tools/journalwriter", swiftSettings: strict),
    .executableTarget(
      name: "journaldamage", dependencies: ["Journal", "LinuxSystem", "Tree", system],
      path: "Tests/Tools/journaldamage", swiftSettings: strict),
    // A writer of a journal as large as years give one.
    .executableTarget(
      name: "longjournal", dependencies: ["Journal", "LinuxSystem", "Tree"],
      path: "Tests/Tools/longjournal", swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport"),

    .testTarget(name: "LinuxSystemTests", dependencies: ["LinuxSystem", "TestSupport"]),
    .testTarget(
      name: "FanotifyTests",
      dependencies: [
        "CLinux", "Fanotify", "LinuxSystem", "TestSupport", "fanotify-permission",
        "fanotify-created",
      ]),
    .testTarget(name: "ExclusionTests", dependencies: ["Exclusion", "TestSupport"]),
    .testTarget(name: "TreeTests", dependencies: ["Tree", "LinuxSystem", "TestSupport"]),
    .testTarget(
      name: "CaptureTests",
      dependencies: ["Capture", "Tree", "LinuxSystem", "TestSupport", "workload", "passthrough"]),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation", "TestSupport"]),
    .testTarget(
      name: "JournalTests",
      dependencies: ["Journal", "Tree", "LinuxSystem", "TestSupport", "journalwriter"],
      exclude: ["Golden"]),
    .testTarget(
      name: "ReplayTests",
      dependencies: ["Replay", "Journal", "Tree", "LinuxSystem", "TestSupport", "treecompare"]),
    .testTarget(
      name: "TreelineTests",
      dependencies: ["Treeline", "Journal", "Tree", "LinuxSystem", "TestSupport", "longjournal", system]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Fanotify", "TestSupport", "TreelineCLI", "workload", "treecompare", "cscan", "exits", "linger", "pace",
        "faultdisk", "passthrough", "ring", "storm",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
