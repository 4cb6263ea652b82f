// swift-tools-version: 6.2
// The fuzzers: a package of its own, since every module that they watch is built for them. `make fuzz` uses it.
import PackageDescription

let strict: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(name: "CLinux", path: "Sources/CLinux"),
    .systemLibrary(name: "CLZ4", path: "Sources/CLZ4", pkgConfig: "liblz4"),
    .target(
      name: "LinuxSystem", dependencies: ["CLinux", system], path: "Sources/LinuxSystem",
      swiftSettings: strict),
    .target(
      name: "Exclusion", dependencies: ["LinuxSystem", system], path: "Sources/Exclusion",
      swiftSettings: strict),
    .target(
      name: "Tree", dependencies: ["CLinux", "LinuxSystem", collections], path: "Sources/Tree",
      swiftSettings: strict),
    .target(
      name: "Journal", dependencies: ["CLZ4", "LinuxSystem", "Tree", collections, system],
      path: "Sources/Journal", swiftSettings: strict),
    .target(
      name: "Replay",
      dependencies: ["Exclusion", "Journal", "LinuxSystem", "Tree", collections, system],
      path: "Sources/Replay", swiftSettings: strict),
    .target(name: "CFuzzer", path: "Runner/CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", "CLZ4", "Journal", "LinuxSystem", "Replay", "Tree"],
      path: "Runner/fuzz", swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
  ],
  swiftLanguageModes: [.v6]
)
